"""Takes JSON Web Tokens apart and puts wrong ones together; nothing here can make a right one."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from harness.layers.scenarios.ed25519 import SigningKey
from harness.layers.scenarios.known_keys import sign_with_known_key

#: What stands before a raw public key in a DER SubjectPublicKeyInfo, by curve.
_DER_PREFIXES = {
    "Ed25519": bytes.fromhex("302a300506032b6570032100"),
    "P-256": bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
}
#: The AlgorithmIdentifier of rsaEncryption (RFC 8017 A.1).
_RSA_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token in its three parts."""

    header: Mapping[str, Any]
    payload: Mapping[str, Any]
    signature: bytes
    _parts: tuple[str, str, str]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take a compact token apart; raises ValueError on anything else."""
        header, payload, signature = text.split(".")
        return cls(
            header=json.loads(decode(header)),
            payload=json.loads(decode(payload)),
            signature=decode(signature),
            _parts=(header, payload, signature),
        )

    @property
    def lifetime(self) -> float:
        """Seconds from issue to expiry."""
        return float(self.payload["exp"]) - float(self.payload["iat"])

    def with_header(self, **members: object) -> str:
        """Return it with other header members and the old signature."""
        return join(encode_json({**self.header, **members}), self._parts[1], self._parts[2])

    def with_payload(self, **members: object) -> str:
        """Return it with other claims and the old signature."""
        return join(self._parts[0], encode_json({**self.payload, **members}), self._parts[2])

    def with_flipped_signature(self) -> str:
        """Return it with one bit of the signature's middle flipped."""
        middle = len(self.signature) // 2
        flipped = bytearray(self.signature)
        flipped[middle] ^= 1
        return join(self._parts[0], self._parts[1], encode(bytes(flipped)))

    def unsigned(self, algorithm: str | None = None) -> str:
        """Return it without a signature, with another algorithm when one is named."""
        header = self._parts[0] if algorithm is None else encode_json({**self.header, "alg": algorithm})
        return join(header, self._parts[1], "")

    @property
    def signed_part(self) -> bytes:
        """What the signature is made of."""
        return f"{self._parts[0]}.{self._parts[1]}".encode()

    def with_flipped_payload(self) -> str:
        """Return it with another byte in its payload that leaves it readable, and the old signature."""
        text = json.dumps(self.payload, separators=(", ", ":"))
        return join(self._parts[0], encode(text.encode()), self._parts[2])

    def signed_with_known_key(self, **members: object) -> str:
        """Return it signed with RS256 by a key pair of ours, with other header members."""
        header = {**self.header, "alg": "RS256", **members}
        signed = f"{encode_json(header)}.{self._parts[1]}"
        return join(signed, encode(sign_with_known_key(signed.encode())))

    def signed_by(self, key: SigningKey, **members: object) -> str:
        """Return it signed with an Ed25519 key of ours, which other header members may bring along."""
        signed = f"{encode_json({**self.header, **members})}.{self._parts[1]}"
        return f"{signed}.{encode(key.sign(signed.encode()))}"

    def signed_with_hmac(self, key: bytes, **members: object) -> str:
        """Return it signed by HMAC-SHA256 with a key that everybody knows."""
        signed = f"{encode_json({**self.header, 'alg': 'HS256', **members})}.{self._parts[1]}"
        digest = hmac.new(key, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{encode(digest)}"

    def signed_again(self, key: bytes, **claims: object) -> str:
        """Return it with other claims, signed as it was, by HMAC with a secret that was found out."""
        signed = f"{self._parts[0]}.{encode_json({**self.payload, **claims})}"
        digest = hmac.digest(key, signed.encode(), f"sha{str(self.header['alg'])[2:]}")
        return f"{signed}.{encode(digest)}"


def public_key_spellings(jwk: Mapping[str, str]) -> Iterator[bytes]:
    """Yield the bytes that a careless verifier might take a public key for."""
    if "x" in jwk:
        yield decode(jwk["x"]) + (decode(jwk["y"]) if "y" in jwk else b"")
        yield jwk["x"].encode()
    yield json.dumps(dict(jwk)).encode()
    yield json.dumps(dict(jwk), separators=(",", ":")).encode()
    if der := _subject_public_key(jwk):
        lines = base64.b64encode(der).decode()
        body = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
        pem = f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----"
        yield der
        yield pem.encode()
        yield f"{pem}\n".encode()


def _subject_public_key(jwk: Mapping[str, str]) -> bytes:
    """Return the DER SubjectPublicKeyInfo, or nothing for a kind of key that is not known here."""
    if prefix := _DER_PREFIXES.get(jwk.get("crv", "")):
        return prefix + decode(jwk["x"]) + (decode(jwk["y"]) if "y" in jwk else b"")
    if jwk.get("kty") == "RSA":
        numbers = b"".join(_der_integer(decode(jwk[name])) for name in ("n", "e"))
        bits = _der(0x03, b"\x00" + _der(0x30, numbers))
        return _der(0x30, _RSA_ALGORITHM + bits)
    return b""


def _der_integer(data: bytes) -> bytes:
    digits = data.lstrip(b"\x00")
    return _der(0x02, (b"\x00" if digits[0] & 0x80 else b"") + digits)


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def join(*parts: str) -> str:
    """Return the compact form of encoded parts."""
    return ".".join(parts)


def encode(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encode_json(members: Mapping[str, object]) -> str:
    """Return the encoded form of a header or of claims."""
    return encode(json.dumps(members, separators=(",", ":")).encode())


def decode(text: str) -> bytes:
    """Read base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
