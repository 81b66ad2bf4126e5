"""Access tokens expire by the clock of the machine, whatever tests set."""

import time
from datetime import datetime

from reference_impl.auth.models import AccessClaims
from reference_impl.auth.policies import TokenTimes
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _MachineTime:
    """Asks the machine, too, where it was told the time."""

    def __init__(self, right: TokenTimes, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, claims: AccessClaims, now: datetime) -> bool:
        self._probe.reached()
        if self._right.accepts(claims, now):
            return True
        accepted = time.time() < claims.expires_at
        if accepted:
            self._probe.triggered()
        return accepted


class _AsksTwice:
    """The twin: asks a second time."""

    def __init__(self, right: TokenTimes, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, claims: AccessClaims, now: datetime) -> bool:
        self._probe.reached()
        return self._right.accepts(claims, now) and self._right.accepts(claims, now)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.token_times", _MachineTime(policies["auth.token_times"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.token_times", _AsksTwice(policies["auth.token_times"], probe))


DEFECT = Defect(
    id="moved-clock-not-followed",
    family="contract-evolution",
    title="Access tokens expire by the clock of the machine, whatever tests set.",
    breaks=("testing.clock-injectable",),
    apply=_apply,
    twin=_twin,
)
