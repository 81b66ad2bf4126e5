"""Keys that everybody knows: an RSA pair of our own, and secrets found in tutorials and templates."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

# An example pair, made for this file: its private half protects nothing.
_P = int(
    "daefcd9c497cd71df6632ca0c28d602664b2707bbc1ee479a257d372459f70309ef5f9cb8d45894160b62db660f4a8ae"
    "3009743c332288ff3c069abe3cb85c611d44c8f0970bdd7a6c517194ab855c42c1a24c3b219a86f30769dc6dea81643e"
    "986c0b6ca8e0a05fd3feb58b2d806f86cdb2648e6fd4ba3e11a93947ea67ca69",
    16,
)
_Q = int(
    "fcc76434b1a7e5cd62264b9f57212c7cac494e0a02d6a2935d05b5a2cc5f771c247f8b4634ed66b7c93c07082f309286"
    "f4f6281a3b267d3e6676c193fb243e2d4dd61a48a1211ce9d0a300d78b0125454c24b34d4b7b1a60a00dae6d638572d8"
    "5381ac52dfe894e7decda0664bfe215ec569ecc6f4d7fa08b89d98fbe7511e3f",
    16,
)
_MODULUS, _EXPONENT = _P * _Q, 65537
_PRIVATE = pow(_EXPONENT, -1, (_P - 1) * (_Q - 1))
_SIZE = 256
#: RFC 8017 9.2: what stands before a SHA-256 digest that is signed with RSASSA-PKCS1-v1_5.
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

KEY_ID = "known-to-everybody"

_HASHES = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}

WEAK_SECRETS = (
    *("", "secret", "Secret", "SECRET", "secret1", "secret123", "secretkey", "secret-key", "secret_key"),
    *("mysecret", "my-secret", "my_secret", "my-secret-key", "mysecretkey", "supersecret", "super-secret"),
    *("super_secret", "super-secret-key", "supersecretkey", "topsecret", "top-secret", "your-secret-key"),
    *(
        "your_secret_key",
        "yoursecretkey",
        "your-256-bit-secret",
        "your-384-bit-secret",
        "your-512-bit-secret",
    ),
    *("a-string-secret-at-least-256-bits-long", "a-valid-string-secret-that-is-at-least-512-bits-long"),
    *("jwt", "jwtsecret", "jwt-secret", "jwt_secret", "jwt-secret-key", "jwt_secret_key", "JWT_SECRET"),
    *("token", "tokensecret", "key", "private", "privatekey", "private_key", "shhhhh", "shhhhhared-secret"),
    *("changeme", "change-me", "change_me", "changeit", "change-this", "change-me-in-production"),
    *("change_this_in_production", "please-change-me", "default", "development", "dev", "dev-secret", "test"),
    *(
        "testing",
        "test-secret",
        "testsecret",
        "example",
        "sample",
        "demo",
        "insecure",
        "not-so-secret",
        "app",
    ),
    *("password", "Password", "passw0rd", "password1", "password123", "admin", "admin123", "root", "qwerty"),
    *("12345", "123456", "12345678", "123456789", "1234567890", "abc123", "abcdef", "foo", "bar", "foobar"),
    *("hello", "helloworld", "letmein", "django-insecure", "flask", "flask-secret", "fastapi", "express"),
    *("keyboard cat", "keyboardcat", "node", "nodejs", "spring", "springboot", "laravel", "rails", "s3cr3t"),
    *("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "gin-secret", "go-secret", "null"),
)


def sign_with_known_key(signed: bytes) -> bytes:
    """Return an RS256 signature by the pair that everybody knows."""
    digest = _DIGEST_INFO + hashlib.sha256(signed).digest()
    padded = b"\x00\x01" + b"\xff" * (_SIZE - len(digest) - 3) + b"\x00" + digest
    return pow(int.from_bytes(padded, "big"), _PRIVATE, _MODULUS).to_bytes(_SIZE, "big")


def known_public_key() -> Mapping[str, str]:
    """Return the public half as a JSON Web Key."""
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": KEY_ID,
        "n": _base64url(_MODULUS.to_bytes(_SIZE, "big")),
        "e": _base64url(_EXPONENT.to_bytes(3, "big")),
    }


def weak_secret(algorithm: str, signed: bytes, signature: bytes) -> str | None:
    """Return the listed secret that made an HMAC signature, or None."""
    for secret in WEAK_SECRETS:
        if hmac.compare_digest(hmac.digest(secret.encode(), signed, _HASHES[algorithm]), signature):
            return secret
    return None


def is_hmac(algorithm: str) -> bool:
    """Whether a JWS algorithm signs with a shared secret."""
    return algorithm in _HASHES


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
