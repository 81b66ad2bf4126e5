"""What an access token says is believed without its signature."""

from reference_impl.auth.signature import (
    InvalidSignature,
    PublicKeys,
    SignedPart,
    TokenAlgorithms,
    read_claims,
    read_header,
)
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _OnlyDecodes:
    """Decodes where it should verify, as a call to the wrong function of a library does."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        try:
            return self._right.signed_part(token, keys)
        except InvalidSignature:
            header = read_header(token)
            if header.get("alg") != "EdDSA":
                raise
            self._probe.reached()
            suspect()
            return SignedPart(header=header, claims=read_claims(token))


class _VerifiesTwice:
    """Once more than is needed, and with the same result."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        self._probe.reached()
        self._right.signed_part(token, keys)
        return self._right.signed_part(token, keys)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _OnlyDecodes(policies[name], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _VerifiesTwice(policies[name], probe))


DEFECT = Defect(
    id="jwt-signature-unchecked",
    family="jwt",
    title="What an access token says is believed without its signature.",
    breaks=("auth.jwt-signature-verified", "security.jwt-signature-verified"),
    apply=_apply,
    twin=_twin,
)
