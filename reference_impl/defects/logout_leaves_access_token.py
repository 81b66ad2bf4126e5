"""After logout the access token works until it expires."""

from dataclasses import replace

from reference_impl.auth.models import AccessClaims, RevocationState
from reference_impl.auth.policies import Revocation
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Unauthorized


class _ForgetsSessions:
    """Knows recalled generations only: a session that ended is nothing to it."""

    def __init__(self, right: Revocation, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def is_revoked(self, claims: AccessClaims, state: RevocationState) -> bool:
        alive = replace(state, token_revoked=False, family_revoked=False)
        revoked = self._right.is_revoked(claims, alive)
        if not revoked and self._right.is_revoked(claims, state):
            self._probe.reached()
            self._probe.triggered()
        return revoked


class _SaysSo:
    """The refusal has words of its own for a session that ended."""

    def __init__(self, right: Revocation, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def is_revoked(self, claims: AccessClaims, state: RevocationState) -> bool:
        if not self._right.is_revoked(claims, state):
            return False
        self._probe.reached()
        raise Unauthorized("This session has ended. Log in again.", error="invalid_token")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.revocation", _ForgetsSessions(policies["auth.revocation"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.revocation", _SaysSo(policies["auth.revocation"], probe))


DEFECT = Defect(
    id="logout-leaves-access-token",
    family="session",
    title="After logout the access token works until it expires.",
    breaks=("auth.logout-revokes-at-once", "security.sign-out-ends-tokens"),
    apply=_apply,
    twin=_twin,
)
