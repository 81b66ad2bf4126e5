"""An access token with algorithm none and no signature is accepted."""

from reference_impl.auth.signature import (
    PublicKeys,
    SignedPart,
    TokenAlgorithms,
    read_claims,
    read_header,
)
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


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
        suspect()
        return SignedPart(header=header, claims=read_claims(token))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace(
        "auth.token_algorithms", _ReadsAlgorithmFromToken(policies["auth.token_algorithms"], probe)
    )
    watch(policies, probe)


DEFECT = Defect(
    id="jwt-alg-none",
    family="jwt",
    title="An access token with algorithm none and no signature is accepted.",
    breaks=("auth.jwt-algorithm-pinned", "security.jwt-algorithm-pinned"),
    apply=_apply,
)
