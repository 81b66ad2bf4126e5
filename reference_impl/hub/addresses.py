"""The SSRF guard: which hosts, ports and addresses an outgoing webhook may reach."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from reference_impl.hub.errors import RecipientRefused
from reference_impl.hub.ports import Resolver

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.IGNORECASE | re.ASCII)
_NUMERIC_HOST = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*", re.IGNORECASE | re.ASCII)

_SPECIAL_NAMES = ("localhost", "local", "internal", "home.arpa", "onion")  # never public, RFC 6761 and kin

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class LookupFailed(Exception):
    """The resolver did not answer; that says nothing about the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A checked URL, split; `allowed` means an operator listed this host and port."""

    url: SplitResult
    host: str
    port: int
    allowed: bool

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


def is_public(address: Address) -> bool:
    """Tell whether an address is on the public internet, looking through every embedding."""
    embedded = _embedded(address)
    if embedded is not None:
        return is_public(embedded)
    return address.is_global and not address.is_multicast


def _embedded(address: Address) -> Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return ipaddress.IPv4Address("0.0.0.0")  # noqa: S104 - an address that is never public, not a bind
    return address.ipv4_mapped or address.sixtofour


PublicAddress = Callable[[Address], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressGuard:
    """Only https to public addresses on listed ports, unless an operator listed host and port."""

    resolve: Resolver
    allow: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset({443, 8443})
    public: PublicAddress = is_public

    def check_url(self, recipient: str) -> Destination:
        """Refuse what can be refused without a look-up."""
        destination = self._parse(recipient)
        if destination.allowed:
            return destination
        if destination.url.scheme != "https":
            raise RecipientRefused("A webhook URL must use https.")
        if destination.port not in self.ports:
            raise RecipientRefused("A webhook URL must use one of the permitted ports.")
        literal = _literal(destination.host)
        if _is_special(destination.host) or (literal is not None and not self.public(literal)):
            raise RecipientRefused("A webhook URL must name a public host.")
        return destination

    async def address(self, destination: Destination) -> str:
        """Resolve once and return the one address to connect to; refuse when any of them is not public."""
        addresses = await self.resolve(destination.host, destination.port)
        if not addresses:
            raise RecipientRefused("The webhook's host has no address.")
        if not destination.allowed and not all(self.public(ipaddress.ip_address(each)) for each in addresses):
            raise RecipientRefused("A webhook URL must name a public host.")
        return addresses[0]

    def _parse(self, recipient: str) -> Destination:
        try:
            url = urlsplit(recipient)
            host, port = url.hostname, url.port
        except ValueError:
            raise RecipientRefused("A webhook recipient must be an absolute URL.") from None
        if not recipient.isascii() or not recipient.isprintable() or " " in recipient or "\\" in recipient:
            raise RecipientRefused("A webhook URL must be percent-encoded ASCII.")
        if url.scheme not in {"http", "https"} or not host:
            raise RecipientRefused("A webhook recipient must be an absolute http or https URL.")
        if url.username is not None or url.password is not None or url.fragment:
            raise RecipientRefused("A webhook URL must hold neither credentials nor a fragment.")
        if not _is_host(host):
            raise RecipientRefused("A webhook URL must name a host without a trailing dot.")
        port = port or (443 if url.scheme == "https" else 80)
        allowed = f"{host}:{port}" in self.allow
        return Destination(url=url, host=host, port=port, allowed=allowed)


def _is_host(host: str) -> bool:
    if ":" in host:
        return "%" not in host
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))


def _is_special(host: str) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in _SPECIAL_NAMES)


def _literal(host: str) -> Address | None:
    """The address that a host in any numeric spelling stands for, as the C library reads it."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if not _NUMERIC_HOST.fullmatch(host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return ipaddress.IPv4Address(0)  # numeric but no address: never public


async def resolve_with_system(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver; a name that does not exist has no addresses."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise LookupFailed from error
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
