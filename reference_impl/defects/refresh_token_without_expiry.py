"""A refresh token that was left alone for months still starts a session again."""

from dataclasses import replace
from datetime import datetime, timedelta

from reference_impl.auth.models import Lifetimes, RefreshClaim, RefreshDecision
from reference_impl.auth.policies import RefreshReuse
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_MORE = timedelta(days=1)


class _EndlessToken:
    """Looks neither at the end of the token nor, where nobody came, at that of the session."""

    def __init__(self, right: RefreshReuse, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._busy: set[str] = set()

    def decide(self, claim: RefreshClaim, now: datetime) -> RefreshDecision:
        decision = self._right.decide(claim, now)
        if decision is RefreshDecision.ROTATE:
            self._busy.add(claim.family.id)
        ended = claim.family.revoked_at is not None or claim.family.id in self._busy
        if decision is not RefreshDecision.REFUSE or ended:
            return decision
        self._probe.reached()
        decision = self._right.decide(self._prolonged(claim, now), now)
        if decision is RefreshDecision.ROTATE:
            self._probe.triggered()
        return decision

    def _prolonged(self, claim: RefreshClaim, now: datetime) -> RefreshClaim:
        return replace(claim, expires_at=now + _MORE, family=replace(claim.family, expires_at=now + _MORE))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.refresh_reuse", _EndlessToken(policies["auth.refresh_reuse"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Shorter lifetimes are no fault."""
    probe.reached()
    policies.replace("auth.lifetimes", Lifetimes(refresh=timedelta(days=3), family=timedelta(days=6)))


DEFECT = Defect(
    id="refresh-token-without-expiry",
    family="session",
    title="A refresh token that was left alone for months still starts a session again.",
    breaks=("auth.session-ends",),
    apply=_apply,
    twin=_twin,
)
