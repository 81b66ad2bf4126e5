"""A session that is refreshed in time never ends."""

from dataclasses import replace
from datetime import datetime, timedelta

from reference_impl.auth.models import Lifetimes, RefreshClaim, RefreshDecision
from reference_impl.auth.policies import RefreshReuse
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_MORE = timedelta(days=1)


class _EndlessFamily:
    """Looks at the token's own end, which every refresh moves."""

    def __init__(self, right: RefreshReuse, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def decide(self, claim: RefreshClaim, now: datetime) -> RefreshDecision:
        decision = self._right.decide(claim, now)
        if decision is not RefreshDecision.REFUSE or claim.family.revoked_at is not None:
            return decision
        self._probe.reached()
        decision = self._right.decide(self._prolonged(claim, now), now)
        if decision is RefreshDecision.ROTATE:
            self._probe.triggered()
        return decision

    def _prolonged(self, claim: RefreshClaim, now: datetime) -> RefreshClaim:
        # The last token of a session was given the session's own end.
        is_last = claim.expires_at == claim.family.expires_at
        end = now + _MORE
        own = end if is_last else claim.expires_at
        return replace(claim, expires_at=own, family=replace(claim.family, expires_at=end))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.refresh_reuse", _EndlessFamily(policies["auth.refresh_reuse"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Shorter lifetimes are no fault."""
    probe.reached()
    policies.replace("auth.lifetimes", Lifetimes(refresh=timedelta(days=3), family=timedelta(days=7)))


DEFECT = Defect(
    id="session-without-absolute-end",
    family="session",
    title="A session that is refreshed in time never ends.",
    breaks=("auth.session-ends",),
    apply=_apply,
    twin=_twin,
)
