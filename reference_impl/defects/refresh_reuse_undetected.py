"""A refresh token that was used before is exchanged again, and nothing is revoked."""

from datetime import datetime

from reference_impl.auth.models import RefreshClaim, RefreshDecision
from reference_impl.auth.policies import RefreshReuse
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _ForgetsUse:
    """Treats every use as the first."""

    def __init__(self, right: RefreshReuse, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def decide(self, claim: RefreshClaim, now: datetime) -> RefreshDecision:
        decision = self._right.decide(claim, now)
        if decision is not RefreshDecision.REVOKE_FAMILY:
            return decision
        self._probe.reached()
        self._probe.triggered()
        return RefreshDecision.ROTATE


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.refresh_reuse", _ForgetsUse(policies["auth.refresh_reuse"], probe))


DEFECT = Defect(
    id="refresh-reuse-undetected",
    family="jwt",
    title="A refresh token that was used before is exchanged again, and nothing is revoked.",
    breaks=("auth.refresh-reuse-revokes-family",),
    apply=_apply,
)
