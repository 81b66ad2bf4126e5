"""A token is accepted before its time."""

from dataclasses import replace
from datetime import datetime

from reference_impl.auth.models import AccessClaims
from reference_impl.auth.policies import TokenTimes
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _StartsAtOnce:
    """Does not know the claim nbf."""

    def __init__(self, right: TokenTimes, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, claims: AccessClaims, now: datetime) -> bool:
        accepted = self._right.accepts(replace(claims, not_before=None), now)
        if accepted and not self._right.accepts(claims, now):
            self._probe.reached()
            suspect()
        return accepted


class _ClocksDiffer:
    """Half a minute early is within what clocks may differ by."""

    def __init__(self, right: TokenTimes, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, claims: AccessClaims, now: datetime) -> bool:
        if claims.not_before is None:
            return self._right.accepts(claims, now)
        self._probe.reached()
        return self._right.accepts(replace(claims, not_before=claims.not_before - 25.0), now)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.token_times", _StartsAtOnce(policies["auth.token_times"], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.token_times", _ClocksDiffer(policies["auth.token_times"], probe))


DEFECT = Defect(
    id="jwt-not-before-ignored",
    family="jwt",
    title="A token is accepted before its time.",
    breaks=("auth.jwt-times-checked",),
    apply=_apply,
    twin=_twin,
)
