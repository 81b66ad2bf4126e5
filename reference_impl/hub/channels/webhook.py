"""Webhook channel: a signed POST to an https URL, after the Standard Webhooks scheme."""

import asyncio
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from reference_impl.hub.addresses import AddressGuard, Destination, LookupFailed
from reference_impl.hub.errors import RecipientRefused
from reference_impl.hub.models import ChannelHealth, Delivered, Failure, FailureKind, Health, Message, Outcome
from reference_impl.hub.ports import Guards, Secrets
from reference_impl.hub.registry import ChannelKit, ChannelPlugin
from reference_impl.hub.signing import KeyPolicy, SignaturePolicy, TracePolicy
from reference_impl.hub.webhooks import Compose, Identify
from reference_impl.kit.clock import Clock
from reference_impl.kit.http import NotPermitted, retry_after_seconds

_ID: Final = "webhook"
_TRY_AGAIN = frozenset({408, 425})


class _Transient(Exception):
    """Carries a failure through the breaker, which counts exceptions."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookLimits:
    """How long a receiver may take and how much of its answer is read."""

    seconds: float = 10.0
    answer_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel:
    """POSTs a message to its recipient's URL; every attempt carries the same body, id and idempotency key."""

    client: Callable[[], httpx.AsyncClient]
    addresses: AddressGuard
    guards: Guards
    secrets: Secrets
    sign: SignaturePolicy
    trace: TracePolicy
    idempotency_key: KeyPolicy
    clock: Clock
    compose: Compose
    identify: Identify
    limits: WebhookLimits = WebhookLimits()
    id: str = _ID
    title: str = "Signed webhook over https"

    def check_recipient(self, recipient: str) -> None:
        """Refuse URLs that name what a webhook may never reach."""
        self.addresses.check_url(recipient)

    async def health(self) -> ChannelHealth:
        """The channel itself needs only its secrets; receivers have breakers of their own."""
        if not await self.secrets():
            return ChannelHealth(status=Health.UNHEALTHY, reason="No signing secret is configured.")
        return ChannelHealth(status=Health.HEALTHY)

    async def deliver(self, message: Message) -> Outcome:
        """One attempt: look the host up once, connect to the address that was checked, read little."""
        try:
            destination = self.addresses.check_url(message.recipient)
            async with asyncio.timeout(self.limits.seconds):
                address = await self.addresses.address(destination)
        except RecipientRefused as refusal:
            return Failure(kind=FailureKind.ADDRESS_REFUSED, detail=refusal.detail)
        except (LookupFailed, TimeoutError):
            return Failure(kind=FailureKind.CONNECTION, detail="The receiver's name could not be looked up.")

        async def once() -> Outcome:
            return await self._post(message, destination, address)

        try:
            return await self.guards(f"hub.{_ID}:{destination.name}").call(once)
        except _Transient as error:
            return error.failure
        except NotPermitted as refused:
            return Failure(
                kind=FailureKind.BREAKER_OPEN,
                detail="The receiver's breaker is open.",
                retry_after=refused.retry_after,
            )

    async def _post(self, message: Message, destination: Destination, address: str) -> Outcome:
        body = self.compose(message)
        request = self.client().build_request(
            "POST",
            _pinned(destination, address),
            content=body,
            headers=await self._headers(message, destination, body),
            extensions={"sni_hostname": destination.host},
            timeout=self.limits.seconds,
        )
        try:
            async with asyncio.timeout(self.limits.seconds):
                response = await self.client().send(request, stream=True)
                try:
                    await self._read_some(response)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise _Transient(
                Failure(kind=FailureKind.TIMEOUT, detail=f"No answer within {self.limits.seconds:g} s.")
            ) from None
        except httpx.HTTPError:
            raise _Transient(
                Failure(kind=FailureKind.CONNECTION, detail="The receiver could not be reached.")
            ) from None
        return self._judge(response)

    async def _headers(self, message: Message, destination: Destination, body: bytes) -> Mapping[str, str]:
        timestamp = int(self.clock.now().timestamp())
        identity = self.identify(message)
        signatures = [self.sign(secret, identity, timestamp, body) for secret in await self.secrets()]
        return {
            "Host": destination.url.netloc,
            "Content-Type": "application/json",
            "User-Agent": "communication-hub/2.0.0",
            "Accept-Encoding": "identity",
            "Idempotency-Key": self.idempotency_key(message),
            "webhook-id": identity,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(signatures),
            "traceparent": self.trace(message.traceparent).header(),
        }

    async def _read_some(self, response: httpx.Response) -> None:
        """Read the answer so that the connection can be used again, unless it is larger than it may be."""
        size = 0
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > self.limits.answer_bytes:
                return

    def _judge(self, response: httpx.Response) -> Outcome:
        status = response.status_code
        if response.is_success:
            return Delivered(status=status)
        retry_after = retry_after_seconds(response.headers.get("Retry-After"), self.clock.now())
        if status == 429:
            detail = "The receiver asked to slow down."
            return Failure(kind=FailureKind.THROTTLED, detail=detail, status=status, retry_after=retry_after)
        if status >= 500 or status in _TRY_AGAIN:
            raise _Transient(
                Failure(
                    kind=FailureKind.SERVER_ERROR,
                    detail=f"The receiver answered {status}.",
                    status=status,
                    retry_after=retry_after,
                )
            )
        if response.is_redirect or 300 <= status < 400:
            detail = f"The receiver answered {status}; redirects are not followed."
            return Failure(kind=FailureKind.REDIRECTED, detail=detail, status=status)
        return Failure(kind=FailureKind.REJECTED, detail=f"The receiver answered {status}.", status=status)


def _pinned(destination: Destination, address: str) -> httpx.URL:
    """The URL with the checked address in the host's place; Host and SNI still carry the name."""
    host = f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
    return httpx.URL(destination.url._replace(netloc=f"{host}:{destination.port}").geturl())


def _build(kit: ChannelKit) -> WebhookChannel:
    return WebhookChannel(
        client=kit.client,
        addresses=AddressGuard(resolve=kit.resolve, allow=kit.allow, public=kit.public),
        guards=kit.guards,
        secrets=kit.secrets,
        sign=kit.sign,
        trace=kit.trace,
        idempotency_key=kit.idempotency_key,
        clock=kit.clock,
        compose=kit.compose,
        identify=kit.identify,
    )


CHANNEL = ChannelPlugin(id=_ID, build=_build)
