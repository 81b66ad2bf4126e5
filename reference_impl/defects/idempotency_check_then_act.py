"""Requests with one key that arrive together are all carried out."""

from datetime import datetime, timedelta

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.store import Keys, Stored
from reference_impl.kit.policies import PolicyTable, Probe


class _LooksThenActs:
    """Takes a key that is under way for one that nobody has."""

    def __init__(self, right: Keys, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def claim(
        self, owner: str, key: str, fingerprint: str, claim: str, now: datetime, *, stale_before: datetime
    ) -> Stored | None:
        stored = await self._right.claim(owner, key, fingerprint, claim, now, stale_before=stale_before)
        if stored is None or stored.status is not None or stored.fingerprint != fingerprint:
            return stored
        self._probe.reached()
        self._probe.triggered()
        return None

    async def finish(
        self, owner: str, key: str, claim: str, *, status: int, headers: list[tuple[str, str]], body: bytes
    ) -> None:
        await self._right.finish(owner, key, claim, status=status, headers=headers, body=body)

    async def release(self, owner: str, key: str, claim: str) -> None:
        await self._right.release(owner, key, claim)

    async def forget(self, now: datetime, keep: timedelta) -> None:
        await self._right.forget(now, keep)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("gateway.idempotency_keys", _LooksThenActs(policies["gateway.idempotency_keys"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Comparing twice changes nothing."""
    right = policies["gateway.idempotent_same_request"]

    def asked_twice(stored: str, fingerprint: str) -> bool:
        probe.reached()
        return bool(right(stored, fingerprint)) and bool(right(stored, fingerprint))

    policies.replace("gateway.idempotent_same_request", asked_twice)


DEFECT = Defect(
    id="idempotency-check-then-act",
    family="webhook",
    title="Requests with one key that arrive together are all carried out.",
    breaks=("api.idempotency-key-honoured",),
    apply=_apply,
    twin=_twin,
)
