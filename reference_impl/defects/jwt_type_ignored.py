"""An ID token, or any other token of the issuer's, is taken for an access token."""

from reference_impl.auth.policies import TokenType
from reference_impl.auth.signature import SignedPart
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _AnyType:
    """Does not look at what the token is for."""

    def __init__(self, right: TokenType, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, part: SignedPart) -> bool:
        if not self._right.accepts(part):
            self._probe.reached()
            suspect()
        return True


class _LongForm:
    """`application/at+jwt` is the same media type in full (RFC 7515 4.1.9)."""

    def __init__(self, right: TokenType, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, part: SignedPart) -> bool:
        self._probe.reached()
        return self._right.accepts(part) or part.header.get("typ") == "application/at+jwt"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.token_type", _AnyType(policies["auth.token_type"], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.token_type", _LongForm(policies["auth.token_type"], probe))


DEFECT = Defect(
    id="jwt-type-ignored",
    family="jwt",
    title="An ID token is taken for an access token.",
    breaks=("auth.jwt-type-checked",),
    apply=_apply,
    twin=_twin,
)
