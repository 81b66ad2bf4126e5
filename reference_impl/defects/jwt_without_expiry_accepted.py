"""A token that names no expiry never expires."""

from reference_impl.auth.signature import PublicKeys, SignedPart, TokenAlgorithms
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_FAR_AWAY = 2**33 - 1


class _ExpiryOptional:
    """Puts a default in the place of a claim that must be there."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        part = self._right.signed_part(token, keys)
        if "exp" in part.claims:
            return part
        self._probe.reached()
        suspect()
        return SignedPart(header=part.header, claims={**part.claims, "exp": _FAR_AWAY})


class _NotBeforeOptional:
    """The claim nbf may be missing: a token then starts when it was issued."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        part = self._right.signed_part(token, keys)
        self._probe.reached()
        issued = {"nbf": part.claims["iat"]} if "iat" in part.claims else {}
        return SignedPart(header=part.header, claims={**issued, **part.claims})


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _ExpiryOptional(policies[name], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _NotBeforeOptional(policies[name], probe))


DEFECT = Defect(
    id="jwt-without-expiry-accepted",
    family="jwt",
    title="A token that names no expiry never expires.",
    breaks=("auth.jwt-times-checked",),
    apply=_apply,
    twin=_twin,
)
