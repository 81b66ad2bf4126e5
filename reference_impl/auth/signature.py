"""Signatures of tokens: one algorithm, our own keys, one way to write a token down."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

ALGORITHM = "EdDSA"
_MAX_TOKEN = 4096
_HEADER_MEMBERS = frozenset({"alg", "kid", "typ"})


class InvalidSignature(Exception):
    """The token was not signed by us as it stands. Says why, for tests and logs of ours only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPart:
    """What a signature covers."""

    header: Mapping[str, object]
    claims: Mapping[str, object] = field(repr=False)


class PublicKeys(Protocol):
    """Our own keys by id; a key id from outside is only ever looked up here."""

    def __getitem__(self, key_id: str) -> OKPKey: ...


class TokenAlgorithms(Protocol):
    """Turns a token into what it says, or raises InvalidSignature."""

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart: ...


class OnlyEdDSA(JWSRegistry):
    """Knows one algorithm, whatever the library learns or deprecates."""

    def get_alg(self, name: str) -> Any:  # the library does not export the type of its algorithms
        if name != ALGORITHM:
            raise UnsupportedAlgorithmError(f"only {ALGORITHM} is used here")
        return self.algorithms[ALGORITHM]


_REGISTRY = OnlyEdDSA(algorithms=[ALGORITHM])


class PinnedAlgorithm:
    """EdDSA and nothing else; header members that could bring a key along are refused unread."""

    def signed_part(self, token: str, keys: PublicKeys) -> SignedPart:
        header = read_header(token)
        if header.get("alg") != ALGORITHM:
            raise InvalidSignature(f"the algorithm is not {ALGORITHM}")
        if not header.keys() <= _HEADER_MEMBERS:
            raise InvalidSignature("the header has members that access tokens do not have")
        key_id = header.get("kid")
        if not isinstance(key_id, str):
            raise InvalidSignature("the header names no key")
        try:
            key = keys[key_id]
        except KeyError as error:
            raise InvalidSignature("no key of ours has this id") from error
        try:
            signed = jws.deserialize_compact(token, key, registry=_REGISTRY)
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidSignature("the signature does not fit") from error
        return SignedPart(header=header, claims=_object(signed.payload or b""))


def sign(claims: Mapping[str, object], *, token_type: str, key: OKPKey, key_id: str) -> str:
    header = {"alg": ALGORITHM, "typ": token_type, "kid": key_id}
    return jws.serialize_compact(header, json.dumps(claims, separators=(",", ":")), key, registry=_REGISTRY)


def read_header(token: str) -> Mapping[str, object]:
    """Return the header of a token in compact form; nothing of it is trusted yet."""
    parts = token.split(".") if len(token) <= _MAX_TOKEN else []
    if len(parts) != 3:
        raise InvalidSignature("not a token in compact form")
    for part in parts:
        _decode(part)
    return _object(_decode(parts[0]))


def read_claims(token: str) -> Mapping[str, object]:
    """Return the claims of a token in compact form, trusted or not."""
    return _object(_decode(token.split(".")[1]))


def _decode(part: str) -> bytes:
    """Decode base64url that is written in its one canonical way, so that no flipped bit goes unseen."""
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidSignature("not base64url") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != part:
        raise InvalidSignature("not the canonical base64url")
    return raw


def _object(raw: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(raw, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise InvalidSignature("not JSON") from error
    if not isinstance(value, dict):
        raise InvalidSignature("not a JSON object")
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidSignature("a member is there twice")
    return members
