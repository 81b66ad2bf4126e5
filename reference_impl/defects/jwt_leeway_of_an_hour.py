"""An access token is accepted for an hour after its end."""

from dataclasses import replace
from datetime import datetime

from reference_impl.auth.models import AccessClaims
from reference_impl.auth.policies import TokenTimes
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _Lenient:
    """Moves the end by some seconds."""

    def __init__(self, right: TokenTimes, probe: Probe, *, seconds: float) -> None:
        self._right = right
        self._probe = probe
        self._seconds = seconds

    def accepts(self, claims: AccessClaims, now: datetime) -> bool:
        later = replace(claims, expires_at=claims.expires_at + self._seconds)
        accepted = self._right.accepts(later, now)
        if accepted and not self._right.accepts(claims, now):
            self._probe.reached()
            suspect()
        return accepted


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.token_times", _Lenient(policies["auth.token_times"], probe, seconds=3600.0))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Half a minute, for clocks that differ."""
    policies.replace("auth.token_times", _Lenient(policies["auth.token_times"], probe, seconds=25.0))


DEFECT = Defect(
    id="jwt-leeway-of-an-hour",
    family="jwt",
    title="An access token is accepted for an hour after its end.",
    breaks=("auth.jwt-expiry-enforced",),
    apply=_apply,
    twin=_twin,
)
