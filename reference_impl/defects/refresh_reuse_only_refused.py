"""A refresh token that comes back is refused, but the session that it was stolen from goes on."""

from datetime import datetime

from reference_impl.auth.models import RefreshClaim, RefreshDecision
from reference_impl.auth.policies import RefreshReuse
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _NoAlarm:
    """Takes a second use for a slip."""

    def __init__(self, right: RefreshReuse, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def decide(self, claim: RefreshClaim, now: datetime) -> RefreshDecision:
        decision = self._right.decide(claim, now)
        if decision is not RefreshDecision.REVOKE_FAMILY:
            return decision
        self._probe.reached()
        self._probe.triggered()
        return RefreshDecision.REFUSE


class _ExpiredIsNoTheft:
    """A used token that would have expired by now is refused without an alarm."""

    def __init__(self, right: RefreshReuse, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def decide(self, claim: RefreshClaim, now: datetime) -> RefreshDecision:
        self._probe.reached()
        return RefreshDecision.REFUSE if now >= claim.expires_at else self._right.decide(claim, now)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.refresh_reuse", _NoAlarm(policies["auth.refresh_reuse"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.refresh_reuse", _ExpiredIsNoTheft(policies["auth.refresh_reuse"], probe))


DEFECT = Defect(
    id="refresh-reuse-only-refused",
    family="session",
    title="A refresh token that comes back is refused, but its session goes on.",
    breaks=("auth.refresh-reuse-revokes-family",),
    apply=_apply,
    twin=_twin,
)
