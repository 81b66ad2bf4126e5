"""What defects of token checks share: a check that is wrong counts only when the token is accepted."""

from contextvars import ContextVar

from reference_impl.auth.models import AccessClaims, RevocationState
from reference_impl.auth.policies import Revocation
from reference_impl.kit.policies import PolicyTable, Probe

_suspected: ContextVar[bool] = ContextVar("token_let_through", default=False)


def suspect() -> None:
    """Remember that a check let something pass in this request that it should have stopped."""
    _suspected.set(True)


class _CountsAcceptance:
    """The last check of a token: what passes it is accepted."""

    def __init__(self, right: Revocation, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def is_revoked(self, claims: AccessClaims, state: RevocationState) -> bool:
        revoked = self._right.is_revoked(claims, state)
        if not revoked and _suspected.get():
            self._probe.triggered()
        return revoked


def watch(policies: PolicyTable, probe: Probe) -> None:
    """Count a token as accepted wrongly when it passes the last check after it was suspected."""
    policies.replace("auth.revocation", _CountsAcceptance(policies["auth.revocation"], probe))
