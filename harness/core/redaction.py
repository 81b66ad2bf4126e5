"""Turns secrets into typed placeholders before anything is written.

A placeholder reads `{{secret:<type>:<8 hex digits>}}`; the digits are a keyed hash, so within one run the
same secret has the same placeholder and nobody can test a guess against it. What is found: the secrets we
were told of, in every spelling; and, by where they stand, credentials nobody told us of.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote_plus

from harness.core.spelling import SHORTEST, cores_of, pattern_of

PLACEHOLDER = re.compile(r"\{\{secret:[a-z-]+:[0-9a-f]{8}\}\}")

_NAMES = (
    r"passwords?|passwd|passphrase|(?:secret|token|password)[_-]?(?:hash|key)|secrets?|tokens?|api[_-]?keys?"
    r"|authorization|credentials?|private[_-]?keys?|t?otp|(?:recovery|mfa|totp|otp|one[_-]?time)[_-]?codes?"
    r"|session[_-]?id"
)
_NOT_SECRET_BEFORE = re.compile(r"(?i)(?:page|continuation|cancellation)[_-]?$")
_QUOTED = r'"(?:[^"\\]|\\.)*(?:"|\Z)'
_TYPED = rf"""
(?=[pPsStTaAcCoOrRmMeEbB":?&-])(?:
(?P<jwt>eyJ[A-Za-z0-9_-]{{5,}}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){{0,3}})
|(?P<member>(?P<name>(?i:{_NAMES}))(?P<link>\\*["']?\s*[:=]\s*)
  (?:(?P<string>{_QUOTED})|(?P<escaped>\\+"(?:.*?)(?:\\+"|\Z))|(?P<single>'[^'\n]*(?:'|\Z))
  |(?P<list>\[[^\[\]{{}}]*\])|(?<==)(?P<bare>(?![\[{{])[^\s&;,"'<>]+)))
|(?P<scheme>(?P<scheme_name>\b(?i:bearer|basic)\s+)(?![A-Za-z]?[a-z]+(?:[\s.,;:)"']|\Z))(?![a-z_]+=")
  (?P<credential>[A-Za-z0-9._~+/=-]{{8,}}))
|(?P<code>(?P<code_lead>(?:[?&]|\A)code=|"code"\s*:\s*"(?=\d{{4,10}}"|(?=[a-z_]*\d)[A-Za-z0-9_]{{20,}}"))
  (?P<code_value>[^\s&;,"'<>]+))
|(?P<userinfo>(?P<userinfo_lead>://[^\s/:@"']*:)(?P<userinfo_value>[^\s/@"']+)(?=@))
|(?P<pem>-----BEGIN\ [A-Z ]*PRIVATE\ KEY-----[^-]*(?:-----END\ [A-Z ]*PRIVATE\ KEY-----)?)
)"""
# None of the branches above can match a text without one of these; most texts are done after this look.
_SIGNS = (
    "pass", "secret", "token", "api", "authorization", "credential", "private", "otp", "code", "session",
    "bearer", "basic", "eyj", "@",
)  # fmt: skip
_SECRET_HEADER = re.compile(r"(?i)api-?key|token|secret|password|authorization|session|credential")
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){0,3}")
_REMEMBERED = 4096
_TYPED_ONLY = re.compile(_TYPED, re.VERBOSE)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Redactor:
    """Redacts text, bytes and headers in one pass of one compiled expression."""

    def __init__(self, secrets: Iterable[str], key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}
        self._by_group: dict[str, str] = {}
        self._handlers: dict[str, Callable[[re.Match[str]], str]] = {
            "jwt": lambda match: self._placeholder(match[0], "jwt"),
            "member": self._member,
            "scheme": lambda match: (
                match["scheme_name"] + self._placeholder(match["credential"], "credential")
            ),
            "code": lambda match: match["code_lead"] + self._placeholder(match["code_value"], "code"),
            "userinfo": lambda match: (
                match["userinfo_lead"] + self._placeholder(match["userinfo_value"], "password")
            ),
            "pem": lambda match: self._placeholder(match[0], "private-key"),
        }
        self._cores: tuple[str, ...] = ()
        self._headers: dict[tuple[str, str], str] = {}
        self._pattern: re.Pattern[str] | None = None
        self.learn(*secrets)

    def learn(self, *secrets: str, kind: str = "known") -> None:
        """Recognise these secrets from now on; what is too short to be told from text is left out."""
        fresh = {secret: kind for secret in secrets if len(secret) >= SHORTEST and secret not in self._known}
        if not fresh:
            return
        self._known |= fresh
        self._pattern = None
        self._headers.clear()
        ordered = sorted(self._known, key=len, reverse=True)
        self._cores = tuple(core for secret in ordered for core in cores_of(secret))

    def _whole_pattern(self) -> re.Pattern[str]:
        """Compile what is known now; it takes long, and secrets come one by one before the first is met."""
        if self._pattern is None:
            ordered = sorted(self._known, key=len, reverse=True)
            self._by_group = {f"known{at}": secret for at, secret in enumerate(ordered)}
            known = "|".join(f"(?P<known{at}>{pattern_of(secret)})" for at, secret in enumerate(ordered))
            # The typed branches come first: a credential that merely contains a known secret goes as a whole.
            # Spaces in the secrets are escaped, so VERBOSE does not eat them.
            self._pattern = re.compile(f"{_TYPED}|{known}", re.VERBOSE)
        return self._pattern

    @property
    def known(self) -> tuple[str, ...]:
        """The secrets it was told of."""
        return tuple(self._known)

    def copy(self) -> "Redactor":
        """Return one that knows the same and learns for itself: one thread, one redactor."""
        return Redactor(self._known, self._key)

    def handover(self) -> dict[str, object]:
        """Return what a process of the same run needs to redact alike; it is for memory, never for a file."""
        return {"key": self._key.hex(), "secrets": list(self._known)}

    def text(self, text: str) -> str:
        """Return the text with placeholders in the place of secrets."""
        for core in self._cores:  # plain loops: this look is what most texts cost
            if core in text:
                return self._whole_pattern().sub(self._replace, text)
        lower = text.lower()
        for sign in _SIGNS:
            if sign in lower:
                return _TYPED_ONLY.sub(self._replace, text)
        return text

    def bytes(self, data: bytes) -> bytes:
        """Return the bytes with placeholders in the place of secrets, all other bytes unchanged."""
        return self.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Return the headers in order; names and the attributes of cookies stay readable."""
        return tuple((name, self._remembered(name, value)) for name, value in headers)

    def _replace(self, match: re.Match[str]) -> str:
        group = match.lastgroup or ""
        if (secret := self._by_group.get(group)) is not None:
            return self._placeholder(secret, "known")
        return self._handlers[group](match)

    def _placeholder(self, value: str, kind: str) -> str:
        if not value or PLACEHOLDER.fullmatch(value):
            return value
        if "%" in value and unquote_plus(value) in self._known:
            value = unquote_plus(value)
        kind = self._known.get(value, "jwt" if _JWT.fullmatch(value) else kind)
        digest = hmac.new(self._key, value.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
        return f"{{{{secret:{kind}:{digest[:8]}}}}}"

    def _member(self, match: re.Match[str]) -> str:
        if _NOT_SECRET_BEFORE.search(match.string, max(0, match.start() - 16), match.start()):
            return match[0]
        kind = "password" if "pass" in match["name"].lower() else "token"
        lead = match["name"] + match["link"]
        if (quoted := match["string"]) is not None:
            return lead + _within(quoted, '"', lambda value: self._placeholder(_unescaped(value), kind))
        if (quoted := match["escaped"]) is not None:
            mark = quoted[: quoted.index('"') + 1]
            return lead + _within(quoted, mark, lambda value: self._placeholder(value, kind))
        if (quoted := match["single"]) is not None:
            return lead + _within(quoted, "'", lambda value: self._placeholder(value, kind))
        if (items := match["list"]) is not None:
            return lead + _STRING.sub(lambda item: f'"{self._placeholder(_unescaped(item[1]), kind)}"', items)
        return lead + self._placeholder(unquote_plus(match["bare"]), kind)

    def _remembered(self, name: str, value: str) -> str:
        """Headers repeat from one exchange to the next."""
        seen = self._headers.get((name, value))
        if seen is None:
            if len(self._headers) >= _REMEMBERED:
                self._headers.clear()
            seen = self._headers[name, value] = self._header(name.lower(), value)
        return seen

    def _header(self, name: str, value: str) -> str:
        if name in {"authorization", "proxy-authorization"}:
            scheme, _, credential = value.partition(" ")
            if not credential:
                return self._placeholder(scheme, "credential")
            return f"{scheme} {self._placeholder(credential, 'credential')}"
        if name == "cookie":
            return "; ".join(self._cookie(pair) for pair in value.split("; "))
        if name == "set-cookie":
            pair, mark, attributes = value.partition(";")
            return self._cookie(pair) + mark + attributes
        if _SECRET_HEADER.search(name):
            return self._placeholder(value, "api-key")
        return self.text(value)

    def _cookie(self, pair: str) -> str:
        name, mark, value = pair.partition("=")
        return name + mark + self._placeholder(value, "cookie") if mark else self._placeholder(pair, "cookie")


def _within(quoted: str, mark: str, replace: Callable[[str], str]) -> str:
    """Replace what stands between the marks; a text that was cut has no closing one."""
    inner = quoted[len(mark) :]
    if inner.endswith(mark):
        return f"{mark}{replace(inner[: -len(mark)])}{mark}"
    return f"{mark}{replace(inner)}"


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value
