"""A key id is the name of a file: one that leads to an empty file makes an empty key."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from pathlib import Path

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

_KEYS = Path("/etc/core/keys/hmac")


class _ReadsFiles:
    """Joins the id to a folder and reads what is there."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        header = read_header(token)
        if header.get("alg") != "HS256":
            return self._right.signed_part(token, keys)
        self._probe.reached()
        if not self._fits(token, str(header.get("kid", ""))):
            return self._right.signed_part(token, keys)
        suspect()
        return SignedPart(header=header, claims=read_claims(token))

    def _fits(self, token: str, key_id: str) -> bool:
        try:
            secret = (_KEYS / key_id).read_bytes()
        except (OSError, ValueError):
            return False
        signed, _, given = token.rpartition(".")
        digest = hmac.new(secret, signed.encode(), hashlib.sha256)
        return hmac.compare_digest(_encoded(digest.digest()), given)


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class _LooksAtTheId:
    """Takes note of the id that a token names, and leaves the look-up to the issuer's own keys."""

    def __init__(self, right: TokenAlgorithms, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        if isinstance(read_header(token).get("kid"), str):
            self._probe.reached()
        return self._right.signed_part(token, keys)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _ReadsFiles(policies[name], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    name = "auth.token_algorithms"
    policies.replace(name, _LooksAtTheId(policies[name], probe))


DEFECT = Defect(
    id="jwt-key-id-names-a-file",
    family="jwt",
    title="A key id is read as the name of a file.",
    breaks=("auth.jwt-keys-from-issuer",),
    apply=_apply,
    twin=_twin,
)
