"""A token that is signed by HMAC with the public key as its secret is accepted (CVE-2015-9235)."""

import base64
import hashlib
import hmac

from joserfc.jwk import OKPKey

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

_RFC_9864 = "Ed25519"


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class _AnyAlgorithm:
    """Takes the algorithm from the header and the key from the set, whatever the key is for."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        header = read_header(token)
        if header.get("alg") != "HS256":
            return self._right.signed_part(token, keys)
        self._probe.reached()
        signed, _, given = token.rpartition(".")
        secret = self._public_bytes(keys[str(header.get("kid"))])
        if not hmac.compare_digest(hmac.new(secret, signed.encode(), hashlib.sha256).digest(), _raw(given)):
            return self._right.signed_part(token, keys)
        suspect()
        return SignedPart(header=header, claims=read_claims(token))

    def _public_bytes(self, key: OKPKey) -> bytes:
        return key.as_pem(private=False)


class _KnowsBothNames:
    """The same algorithm by its fully specified name (RFC 9864) is no other algorithm."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        if read_header(token).get("alg") == _RFC_9864:
            self._probe.reached()
        return self._right.signed_part(token, keys)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _AnyAlgorithm(policies[name], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _KnowsBothNames(policies[name], probe))


DEFECT = Defect(
    id="jwt-hs256-confusion",
    family="jwt",
    title="A token signed by HMAC with the public key as its secret is accepted.",
    breaks=("auth.jwt-algorithm-pinned",),
    apply=_apply,
    twin=_twin,
)
