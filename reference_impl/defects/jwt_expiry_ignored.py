"""An access token lives for ever."""

from dataclasses import replace
from datetime import datetime

from reference_impl.auth.models import AccessClaims
from reference_impl.auth.policies import LEEWAY_SECONDS, TokenTimes
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_NEVER = 2.0**33


class _NoEnd:
    """Looks at the start only."""

    def __init__(self, right: TokenTimes, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, claims: AccessClaims, now: datetime) -> bool:
        if self._right.accepts(claims, now):
            return True
        accepted = self._right.accepts(replace(claims, expires_at=_NEVER), now)
        if accepted:
            self._probe.reached()
            suspect()
        return accepted


class _NoLeeway:
    """Ends on the second."""

    def __init__(self, right: TokenTimes, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, claims: AccessClaims, now: datetime) -> bool:
        self._probe.reached()
        return self._right.accepts(replace(claims, expires_at=claims.expires_at - LEEWAY_SECONDS), now)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.token_times", _NoEnd(policies["auth.token_times"], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.token_times", _NoLeeway(policies["auth.token_times"], probe))


DEFECT = Defect(
    id="jwt-expiry-ignored",
    family="jwt",
    title="An access token lives for ever.",
    breaks=("auth.jwt-expiry-enforced", "security.jwt-expiry-enforced"),
    apply=_apply,
    twin=_twin,
)
