"""Once a token was verified, other claims under its id and its signature are believed as well."""

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


class _RemembersSignatures:
    """A cache whose key is the signature alone: the part that it covers may be another one."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._verified: set[str] = set()

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        signature = token.rpartition(".")[2]
        try:
            part = self._right.signed_part(token, keys)
        except InvalidSignature:
            if not signature or signature not in self._verified:
                raise
            self._probe.reached()
            suspect()
            return SignedPart(header=read_header(token), claims=read_claims(token))
        self._verified.add(signature)
        return part


class _RemembersTokens:
    """A cache whose key is the whole token."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._verified: dict[str, SignedPart] = {}

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        if token in self._verified:
            self._probe.reached()
            return self._verified[token]
        part = self._right.signed_part(token, keys)
        self._verified[token] = part
        return part


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _RemembersSignatures(policies[name], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _RemembersTokens(policies[name], probe))


DEFECT = Defect(
    id="jwt-signature-checked-once",
    family="jwt",
    title="Once a token was verified, other claims under its signature are believed as well.",
    breaks=("auth.jwt-signature-verified",),
    apply=_apply,
    twin=_twin,
)
