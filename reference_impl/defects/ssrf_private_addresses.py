"""A webhook is sent to addresses of private networks."""

import ipaddress

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.addresses import Address, PublicAddress
from reference_impl.kit.policies import PolicyTable, Probe

_RELAYS = ipaddress.ip_network("192.88.99.0/24")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: PublicAddress = policies["webhook.public_address"]

    def only_loopback_is_ours(address: Address) -> bool:
        if right(address):
            return True
        probe.reached()
        let_out = address.is_private and not (address.is_loopback or address.is_link_local)
        if let_out:
            probe.triggered()
        return let_out

    policies.replace("webhook.public_address", only_loopback_is_ours)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """One more range than need be is refused: the former relays between IPv6 and IPv4."""
    right: PublicAddress = policies["webhook.public_address"]

    def stricter(address: Address) -> bool:
        probe.reached()
        return right(address) and address not in _RELAYS

    policies.replace("webhook.public_address", stricter)


DEFECT = Defect(
    id="ssrf-private-addresses",
    family="owasp-api",
    title="A webhook is sent to addresses of private networks.",
    breaks=("security.ssrf-refused",),
    apply=_apply,
    twin=_twin,
)
