"""Signs with an Ed25519 key of our own: to see whether a target trusts a key that a token brings along.

Slow and not constant in time; never for a key that protects anything.
"""

import hashlib
from dataclasses import dataclass

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_BASE_Y = 4 * pow(5, -1, _P) % _P

Point = tuple[int, int]


def _recover_even_x(y: int) -> int:
    """The even one of the two abscissas of a point on the curve."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    return x if x % 2 == 0 else _P - x


_BASE: Point = (_recover_even_x(_BASE_Y), _BASE_Y)


def _add(one: Point, other: Point) -> Point:
    product = _D * one[0] * other[0] * one[1] * other[1] % _P
    x = (one[0] * other[1] + other[0] * one[1]) * pow(1 + product, -1, _P)
    y = (one[1] * other[1] + one[0] * other[0]) * pow(1 - product, -1, _P)
    return x % _P, y % _P


def _times(factor: int, point: Point) -> Point:
    total: Point = (0, 1)
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total


def _packed(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def _scalar(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % _ORDER


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key made of 32 bytes that anybody may know."""

    seed: bytes

    @property
    def public(self) -> bytes:
        """The public key as it stands in a JWK's `x`."""
        return _packed(_times(self._secret, _BASE))

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message (RFC 8032 5.1.6)."""
        nonce = _scalar(hashlib.sha512(self.seed).digest()[32:], message)
        commitment = _packed(_times(nonce, _BASE))
        challenge = _scalar(commitment, self.public, message)
        return commitment + ((nonce + challenge * self._secret) % _ORDER).to_bytes(32, "little")

    @property
    def _secret(self) -> int:
        low = int.from_bytes(hashlib.sha512(self.seed).digest()[:32], "little")
        return (low & ((1 << 254) - 8)) | (1 << 254)
