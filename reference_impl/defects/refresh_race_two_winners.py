"""Of two who present one refresh token at the same time both get a new one."""

import time
from datetime import datetime

from reference_impl.auth.models import RefreshClaim, RefreshDecision
from reference_impl.auth.policies import RefreshReuse
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_AT_ONCE_SECONDS = 0.5


class _CheckThenAct:
    """Whoever comes shortly after the first is taken for the first, too; later reuse is detected."""

    def __init__(self, right: RefreshReuse, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._newest: dict[str, float] = {}
        self._exchanges: dict[str, int] = {}

    def decide(self, claim: RefreshClaim, now: datetime) -> RefreshDecision:
        decision = self._right.decide(claim, now)
        family = claim.family.id
        if claim.first_use:
            self._newest[family] = time.monotonic()
            self._exchanges[family] = self._exchanges.get(family, 0) + 1
        if decision is not RefreshDecision.REVOKE_FAMILY:
            return decision
        self._probe.reached()
        is_late = time.monotonic() - self._newest.get(family, 0.0) > _AT_ONCE_SECONDS
        if is_late or self._exchanges.get(family) != 1:
            return decision
        self._probe.triggered()
        return RefreshDecision.ROTATE


class _RetryRefused:
    """A retry of the newest exchange is refused and the family lives; an older token still ends it."""

    def __init__(self, right: RefreshReuse, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._exchanges: dict[str, int] = {}

    def decide(self, claim: RefreshClaim, now: datetime) -> RefreshDecision:
        decision = self._right.decide(claim, now)
        family = claim.family.id
        if decision is RefreshDecision.ROTATE:
            self._exchanges[family] = self._exchanges.get(family, 0) + 1
        if decision is not RefreshDecision.REVOKE_FAMILY:
            return decision
        self._probe.reached()
        return RefreshDecision.REFUSE if self._exchanges.get(family) == 1 else decision


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.refresh_reuse", _CheckThenAct(policies["auth.refresh_reuse"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.refresh_reuse", _RetryRefused(policies["auth.refresh_reuse"], probe))


DEFECT = Defect(
    id="refresh-race-two-winners",
    family="session",
    title="Of two who present one refresh token at the same time both get a new one.",
    breaks=("auth.refresh-parallel-once",),
    apply=_apply,
    twin=_twin,
)
