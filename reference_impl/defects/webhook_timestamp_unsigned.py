"""A webhook's signature covers its id and body but not its timestamp, so an old delivery can be replayed."""

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Outcome
from reference_impl.hub.policies import Settlement
from reference_impl.hub.signing import SignaturePolicy
from reference_impl.kit.policies import PolicyTable, Probe

_signed_wrong: ContextVar[bool] = ContextVar("webhook_signed_wrong", default=False)


class _WithoutTimestamp:
    """Signs all but the time."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, secret: bytes, message_id: str, _timestamp: int, body: bytes) -> str:
        self._probe.reached()
        _signed_wrong.set(True)
        signed = message_id.encode() + b"." + body
        return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


class _Watched:
    """Sees whether a receiver answered what was signed wrong: only then has it left the process."""

    def __init__(self, right: Settlement, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(
        self, deliver: Callable[[], Awaitable[Outcome]], settle: Callable[[Outcome], Awaitable[None]]
    ) -> None:
        async def watched() -> Outcome:
            _signed_wrong.set(False)
            outcome = await deliver()
            if _signed_wrong.get() and outcome.status is not None:
                self._probe.triggered()
            return outcome

        await self._right(watched, settle)


class _SecondSignature:
    """Adds the signature of a secret that is being rotated in, as Standard Webhooks allows."""

    def __init__(self, right: SignaturePolicy, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
        self._probe.reached()
        coming = hashlib.sha256(b"coming" + secret).digest()
        signatures = (self._right(each, message_id, timestamp, body) for each in (secret, coming))
        return " ".join(signatures)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("webhook.signature", _WithoutTimestamp(probe))
    policies.replace("hub.settlement", _Watched(policies["hub.settlement"], probe))


def _apply_twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("webhook.signature", _SecondSignature(policies["webhook.signature"], probe))


DEFECT = Defect(
    id="webhook-timestamp-unsigned",
    family="webhook",
    title="A webhook's signature does not cover its timestamp.",
    breaks=("hub.webhook-signature-covers-timestamp",),
    apply=_apply,
    twin=_apply_twin,
)
