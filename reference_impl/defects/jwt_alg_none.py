"""An access token with algorithm none and no signature is accepted."""

from typing import Any

from reference_impl.auth.models import AccessClaims, RevocationState
from reference_impl.auth.policies import Revocation
from reference_impl.auth.signature import (
    PublicKeys,
    SignedPart,
    TokenAlgorithms,
    read_claims,
    read_header,
)
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _Unsigned(str):
    """A token id that nobody signed; it travels with the claims, so that acceptance can be told."""

    __slots__ = ()


class _ReadsAlgorithmFromToken:
    """Believes the header: none means that there is nothing to check."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        header = read_header(token)
        if str(header.get("alg", "")).casefold() != "none":
            return self._right.signed_part(token, keys)
        self._probe.reached()
        claims: dict[str, Any] = dict(read_claims(token))
        if isinstance(claims.get("jti"), str):
            claims["jti"] = _Unsigned(claims["jti"])
        return SignedPart(header=header, claims=claims)


class _CountsAcceptance:
    """The last check of a token: what passes it is accepted."""

    def __init__(self, right: Revocation, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def is_revoked(self, claims: AccessClaims, state: RevocationState) -> bool:
        revoked = self._right.is_revoked(claims, state)
        if not revoked and isinstance(claims.token_id, _Unsigned):
            self._probe.triggered()
        return revoked


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace(
        "auth.token_algorithms", _ReadsAlgorithmFromToken(policies["auth.token_algorithms"], probe)
    )
    policies.replace("auth.revocation", _CountsAcceptance(policies["auth.revocation"], probe))


DEFECT = Defect(
    id="jwt-alg-none",
    family="jwt",
    title="An access token with algorithm none and no signature is accepted.",
    breaks=("auth.jwt-algorithm-pinned", "security.jwt-algorithm-pinned"),
    apply=_apply,
)
