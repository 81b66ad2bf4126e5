"""Who may call the notes service: its log-in, its tokens, and what can be wrong with both."""

import base64
import contextlib
import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

_SECRET = "sound-8c1f0e5d7a3b4f6e9d2c1b0a59687746"
_COMMON = frozenset({"password1", "1234567890", "qwertyuiop", "passwordpassword"})
_MOST_FAILURES = 10


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


class Told(NamedTuple):
    """One answer."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = {}
    media_type: str = "application/json"


class Refused(Exception):
    """An answer that says no; headers are given with _ for -."""

    def __init__(self, status: int, detail: str = "", **headers: str) -> None:
        super().__init__(detail)
        self.told = Told(
            status,
            {"status": status, "title": detail or "Refused"},
            {name.replace("_", "-"): value for name, value in headers.items()},
            "application/problem+json",
        )


class House(Protocol):
    """What the door belongs to."""

    users: dict[str, dict[str, str]]
    failures: dict[str, int]

    def has(self, flaw: str) -> bool:
        """Whether a flaw is built in."""
        ...


class Door:
    """Lets people in and knows them again."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.has = house.has
        self.ended: set[str] = set()
        self.secret = b"secret" if self.has("weak-secret") else _SECRET.encode()

    def token(self, name: str, *, age: float = 0.0) -> str:
        """Return a token as the log-in gives it, or one of an age."""
        now = int(time.time() - age)
        claims = {"sub": name, "role": self.house.users[name]["role"], "iat": now, "exp": now + 3600}
        if self.has("no-exp"):
            del claims["exp"]
        signed = f"{_encode({'alg': 'HS256', 'typ': 'at+jwt'})}.{_encode(claims)}"
        return f"{signed}.{self._mac(signed)}"

    def caller(self, asked: Asked) -> str:
        """Return who is calling; refuses everybody who does not prove it."""
        if self.has("evaded-by-claim") and asked.headers.get("x-forwarded-for") == "127.0.0.1":
            return "alice"
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if not token and self.has("token-in-query"):
            scheme, token = "Bearer", asked.query.get("access_token", "")
        if scheme.lower() != "bearer" or not token:
            raise Refused(401, **self._challenge(""))
        name = self._verified(token)
        if name not in self.house.users or token in self.ended:
            raise Refused(401, **self._challenge("invalid_token"))
        return name

    def log_in(self, asked: Asked) -> Told:
        """Give a token for a name and its password."""
        name, password = member(asked.body, "username"), member(asked.body, "password")
        failures = self.house.failures
        if failures.get(name, 0) >= _MOST_FAILURES and not self.has("unthrottled"):
            raise Refused(429, Retry_After="60")
        user = self.house.users.get(name)
        if user is None or user["password"] != password:
            failures[name] = failures.get(name, 0) + 1
            is_told = user is None and self.has("enumerable")
            raise Refused(401, "No such user" if is_told else "Wrong", **self._challenge(""))
        token = self.token(name)
        headers = {} if self.has("token-cached") else {"Cache-Control": "no-store"}
        headers["Set-Cookie"] = (
            f"session={token}{'' if self.has('cookie-open') else '; HttpOnly; SameSite=Lax'}"
        )
        told: dict[str, Any] = {"access_token": token, "token_type": "bearer"}
        if self.has("token-in-link"):
            told["next"] = f"/start?access_token={token}"
        return Told(200, told, headers)

    def register(self, asked: Asked) -> Told:
        """Make an account."""
        name, password = member(asked.body, "username"), member(asked.body, "password")
        if len(password) < 8 and not self.has("short-password"):
            raise Refused(422, "too short")
        if password in _COMMON and not self.has("common-password"):
            raise Refused(422, "too common")
        if name in self.house.users:
            raise Refused(409)
        self.house.users[name] = {"role": "user", "password": password}
        return Told(201, {"username": name})

    def _challenge(self, error: str) -> dict[str, str]:
        if self.has("no-challenge"):
            return {}
        told = f', error="{error}"' if error and not self.has("no-bearer-error") else ""
        return {"WWW_Authenticate": f'Bearer realm="notes"{told}'}

    def _verified(self, token: str) -> str:
        try:
            first, second, third = token.split(".")
            header, claims = json.loads(_raw(first)), json.loads(_raw(second))
        except (ValueError, TypeError):
            return ""
        if not isinstance(header, dict) or not isinstance(claims, dict):
            return ""
        if not self._is_signed(header, f"{first}.{second}", third):
            return ""
        if not self.has("exp-ignored") and claims.get("exp", time.time() + 9) < time.time():
            return ""
        return str(claims.get("sub", ""))

    def _is_signed(self, header: Mapping[str, Any], signed: str, signature: str) -> bool:
        algorithm = str(header.get("alg"))
        if self.has("signature-unchecked"):
            return algorithm.lower() != "none" and bool(signature)
        if self.has("alg-none") and algorithm.lower() == "none":
            return not signature
        if self.has("jku-fetched") and "jku" in header:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(header["jku"], timeout=2).read()
        if self.has("jwk-believed") and isinstance(header.get("jwk"), dict):
            return _is_rsa_signed(header["jwk"], signed, signature)
        return algorithm == "HS256" and hmac.compare_digest(self._mac(signed), signature)

    def _mac(self, signed: str) -> str:
        return _text(hmac.digest(self.secret, signed.encode(), "sha256"))


def member(body: Any, name: str) -> str:
    """Return a text of a body; refuses anything else that stands there."""
    value = body.get(name) if isinstance(body, dict) else None
    if value is not None and not isinstance(value, str):
        raise Refused(422)
    return value or ""


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _encode(members: Mapping[str, Any]) -> str:
    return _text(json.dumps(members).encode())


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _is_rsa_signed(jwk: Mapping[str, str], signed: str, signature: str) -> bool:
    modulus, exponent = (int.from_bytes(_raw(jwk[name]), "big") for name in ("n", "e"))
    opened = pow(int.from_bytes(_raw(signature), "big"), exponent, modulus).to_bytes(256, "big")
    return opened.endswith(hashlib.sha256(signed.encode()).digest())
