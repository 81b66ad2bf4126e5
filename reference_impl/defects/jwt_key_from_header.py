"""A token is verified with the key that it brings along in its header (CVE-2018-0114)."""

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

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


class _TrustsTheHeader:
    """Takes the first key it finds, and it looks into the token first."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        header = read_header(token)
        brought = header.get("jwk")
        if not isinstance(brought, dict) or brought.get("kty") != "OKP":
            return self._right.signed_part(token, keys)
        self._probe.reached()
        try:
            jws.deserialize_compact(token, OKPKey.import_key(brought), algorithms=["EdDSA"])
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidSignature("the signature does not fit") from error
        suspect()
        return SignedPart(header=header, claims=read_claims(token))


class _IgnoresContentType:
    """A header member that names no key changes nothing, whether it is looked at or not."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        self._probe.reached()
        read_header(token).get("cty")
        return self._right.signed_part(token, keys)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _TrustsTheHeader(policies[name], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _IgnoresContentType(policies[name], probe))


DEFECT = Defect(
    id="jwt-key-from-header",
    family="jwt",
    title="A token is verified with the key that it brings along in its header.",
    breaks=("auth.jwt-keys-from-issuer",),
    apply=_apply,
    twin=_twin,
)
