"""Logging out everywhere ends refresh tokens only: access tokens of every session go on."""

from dataclasses import replace

from reference_impl.auth.models import AccessClaims, RevocationState
from reference_impl.auth.policies import Revocation
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _ForgetsGenerations:
    """Knows sessions that ended, and not that a user's tokens were recalled together."""

    def __init__(self, right: Revocation, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def is_revoked(self, claims: AccessClaims, state: RevocationState) -> bool:
        revoked = self._right.is_revoked(claims, replace(state, generation=0))
        if not revoked and self._right.is_revoked(claims, state):
            self._probe.reached()
            self._probe.triggered()
        return revoked


class _AsksTwice:
    """Asks once more what the right check asked already."""

    def __init__(self, right: Revocation, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def is_revoked(self, claims: AccessClaims, state: RevocationState) -> bool:
        self._probe.reached()
        return self._right.is_revoked(claims, state) or claims.generation < state.generation


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.revocation", _ForgetsGenerations(policies["auth.revocation"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.revocation", _AsksTwice(policies["auth.revocation"], probe))


DEFECT = Defect(
    id="logout-all-spares-access-tokens",
    family="session",
    title="Logging out everywhere leaves the access tokens of every session alive.",
    breaks=("auth.logout-revokes-at-once", "auth.role-loss-at-once"),
    apply=_apply,
    twin=_twin,
)
