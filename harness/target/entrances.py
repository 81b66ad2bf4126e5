"""Reads from an API document how one signs in and what one had better not call; pure, and never a guess.

What is found is evidence by name and shape: a path, an operation id or a tag that says so, a request with a
password-like member, an answer with a token-like one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.core.operation import Operation, Operations

Node = Mapping[str, Any]

_DEEPEST = 6
_FORM = "application/x-www-form-urlencoded"
_PASSWORDS = ("password", "passwd", "pwd", "passphrase", "pass", "pin", "secret")
_USERNAMES = ("username", "email", "login", "user", "user_name", "identifier", "account", "name", "phone")
_TOKENS = (
    "access_token", "accesstoken", "token", "jwt", "id_token", "idtoken", "auth_token", "authtoken", "key",
    "bearer", "session_token", "sessiontoken",
)  # fmt: skip
_SUBJECTS = ("id", "sub", "user_id", "userid", "uuid", "username", "email")
_LOGIN = re.compile(r"log[-_]?in|sign[-_]?in|authenticat|(?:^|[/_-])(?:tokens?|sessions?|auth)(?:$|[/_-])")
_REGISTER = re.compile(r"regist|sign[-_]?up|create[-_]?(?:user|account)")
_USERS = re.compile(r"/(?:users|accounts|members|customers)$")
_WHOAMI = re.compile(r"/(?:me|whoami|userinfo|profile|account|current[-_]?user)$|/users/(?:me|current)$")
_ENDING = re.compile(
    r"log[-_]?(?:out|off)|sign[-_]?(?:out|off)|revoke|rotate|invalidat|deactivat|unregister|close[-_]?account"
    r"|(?:change|reset|update|forgot)[-_/]?(?:my[-_]?)?passw|passw\w*/(?:change|reset|forgot)|password$"
)
_OWN = re.compile(r"/(?:me|account|profile|self|sessions?)(?:/[^/]*)?$|/api-?keys?/|/tokens?/")
_DESTRUCTIVE = re.compile(
    r"purge|truncate|wipe|(?:^|[/_-])(?:drop|flush|reset|destroy|shutdown|restart|clear)(?:$|[/_-])"
)
_ADMIN = re.compile(r"(?:^|/)(?:admin|internal|management|root)(?:/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """An operation that takes a username and a password; `token` is empty where no answer names one."""

    operation: str
    path: str
    username: str
    password: str
    more: tuple[str, ...] = ()
    is_form: bool = False
    token: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One declared security scheme."""

    name: str
    kind: str
    place: str = ""
    header: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrances:
    """What a document says of getting in, of getting thrown out, and of destroying things."""

    schemes: tuple[Scheme, ...] = ()
    logins: tuple[SignIn, ...] = ()
    registrations: tuple[SignIn, ...] = ()
    whoami: tuple[str, ...] = ()
    subject: str = ""
    roles: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()
    destructive: tuple[str, ...] = ()
    limited: tuple[str, ...] = ()
    secured: int = 0


def find_entrances(document: Node, operations: Operations, *, prefix: str = "") -> Entrances:
    """Return what a document says; `prefix` goes before the paths that are asked (not before names)."""
    reader = _Reader(document=document, prefix=prefix)
    sign_ins = [item for operation in operations if (item := reader.sign_in(operation)) is not None]
    registrations = tuple(item for item in sign_ins if _is_registration(item))
    logins = [item for item in sign_ins if item not in registrations and (item.token or _names(item, _LOGIN))]
    logins.sort(key=lambda item: (not item.token, not _names(item, _LOGIN), len(item.path), item.path))
    whoami = tuple(
        operation
        for operation in operations
        if operation.method == "GET" and "{" not in operation.path and _WHOAMI.search(operation.path.lower())
    )
    return Entrances(
        schemes=tuple(reader.schemes()),
        logins=tuple(logins),
        registrations=registrations,
        whoami=tuple(prefix + operation.path for operation in sorted(whoami, key=_short)),
        subject=reader.subject(min(whoami, key=_short)) if whoami else "",
        roles=tuple(reader.roles(operations)),
        ending=tuple(item.subject for item in operations if _ends_credential(item)),
        destructive=tuple(item.subject for item in operations if _is_destructive(item)),
        limited=tuple(item.subject for item in operations if "429" in item.responses),
        secured=sum(item.is_secured for item in operations),
    )


def _short(operation: Operation) -> tuple[int, str]:
    return len(operation.path), operation.path


def _is_registration(item: SignIn) -> bool:
    return _names(item, _REGISTER) or (not item.token and bool(_USERS.search(item.path.lower())))


def _names(item: SignIn, pattern: re.Pattern[str]) -> bool:
    return pattern.search(f"{item.path} {item.operation}".lower()) is not None


def _called(operation: Operation) -> str:
    return f"{operation.path} {operation.operation_id}".lower()


def _ends_credential(operation: Operation) -> bool:
    if operation.method == "DELETE" and _OWN.search(operation.path.lower()):
        return True
    return operation.method != "OPTIONS" and _ENDING.search(_called(operation)) is not None


def _is_destructive(operation: Operation) -> bool:
    return operation.method == "DELETE" or (
        operation.method in {"POST", "PUT", "PATCH"} and _DESTRUCTIVE.search(_called(operation)) is not None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    document: Node
    prefix: str = ""
    seen: dict[str, object] = field(default_factory=dict)

    def sign_in(self, operation: Operation) -> SignIn | None:
        """Read a POST that takes a password; None for anything else."""
        if operation.method != "POST" or "{" in operation.path or _ENDING.search(_called(operation)):
            return None
        raw = self._operation(operation)
        for media_type, schema in self._bodies(raw):
            members = self._members(schema)
            password = _first(members, _PASSWORDS)
            if not password:
                continue
            username = _first(members, _USERNAMES)
            required = self._required(schema)
            more = tuple(name for name in required if name not in {username, password, "grant_type", "scope"})
            token = next(self._tokens(raw), "")
            words = [f"its body has {password!r}"]
            if token:
                words.append(f"its answer has {token!r}")
            return SignIn(
                operation=f"{operation.subject} {operation.operation_id} {' '.join(operation.tags)}".strip(),
                path=self.prefix + operation.path,
                username=username,
                password=password,
                more=more,
                is_form=media_type == _FORM,
                token=token,
                because=", ".join(words),
            )
        return None

    def schemes(self) -> Iterator[Scheme]:
        """Yield the declared security schemes."""
        components = self._object(self.document.get("components"))
        declared = components.get("securitySchemes", self.document.get("securityDefinitions"))
        for name, node in self._object(declared).items():
            scheme = self._object(node)
            kind = str(scheme.get("type", "")).lower()
            if kind == "http":
                kind = str(scheme.get("scheme", "")).lower()
            place = str(scheme.get("in", ""))
            yield Scheme(name=str(name), kind=kind, place=place, header=str(scheme.get("name", "")))

    def subject(self, operation: Operation) -> str:
        """Return the member of an answer that says who one is."""
        for schema in self._answers(self._operation(operation)):
            if found := _first(self._members(schema), _SUBJECTS):
                return found
        return ""

    def roles(self, operations: Operations) -> Iterator[str]:
        """Yield words for roles: scopes, values of a `role`, and paths for administrators."""
        found: dict[str, None] = {}
        for operation in operations:
            found.update(dict.fromkeys(operation.scopes))
            if match := _ADMIN.search(operation.path.lower()):
                found[match[0].strip("/")] = None
        for schema in self._object(self._object(self.document.get("components")).get("schemas")).values():
            properties = self._object(self._object(schema).get("properties"))
            role = self._object(properties.get("role") or properties.get("roles"))
            values = role.get("enum") or self._object(role.get("items")).get("enum") or ()
            found.update(dict.fromkeys(str(value) for value in values))
        yield from list(found)[:12]

    def _operation(self, operation: Operation) -> Node:
        item = self._object(self._object(self.document.get("paths")).get(operation.path))
        return self._object(item.get(operation.method.lower()))

    def _bodies(self, raw: Node) -> Iterator[tuple[str, Node]]:
        content = self._object(self._object(raw.get("requestBody")).get("content"))
        for media_type, media in content.items():
            yield str(media_type), self._object(self._object(media).get("schema"))
        form: dict[str, object] = {}
        for parameter in map(self._object, raw.get("parameters") or ()):  # Swagger 2.0
            if parameter.get("in") == "body":
                yield "application/json", self._object(parameter.get("schema"))
            elif parameter.get("in") == "formData":
                form[str(parameter.get("name"))] = parameter
        if form:
            yield _FORM, {"properties": form}

    def _answers(self, raw: Node) -> Iterator[Node]:
        for status, node in self._object(raw.get("responses")).items():
            if not str(status).startswith("2"):
                continue
            response = self._object(node)
            if "schema" in response:
                yield self._object(response["schema"])
            for media in self._object(response.get("content")).values():
                yield self._object(self._object(media).get("schema"))

    def _tokens(self, raw: Node) -> Iterator[str]:
        for schema in self._answers(raw):
            members = self._members(schema)
            if found := _first(members, _TOKENS):
                yield found
                return
            for name, member in members.items():
                inner = _first(self._members(self._object(member)), _TOKENS)
                if inner:
                    yield f"{name}.{inner}"
                    return

    def _members(self, schema: Node, depth: int = 0) -> dict[str, object]:
        """Return the properties of a schema, those of what it is composed of included."""
        members: dict[str, object] = dict(self._object(schema.get("properties")))
        if depth < _DEEPEST:
            for word in ("allOf", "oneOf", "anyOf"):
                for part in _sequence(schema.get(word)):
                    members = {**self._members(self._object(part), depth + 1), **members}
        return members

    def _required(self, schema: Node) -> tuple[str, ...]:
        parts = [schema, *map(self._object, _sequence(schema.get("allOf")))]
        return tuple(str(name) for part in parts for name in _sequence(part.get("required")))

    def _object(self, node: object) -> Node:
        """Follow local references a few steps; whatever is no object is an empty one."""
        for _ in range(_DEEPEST):
            if not isinstance(node, dict):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            node = self._pointed(reference)
        return {}

    def _pointed(self, reference: str) -> object:
        node: object = self.document
        if not reference.startswith("#/"):
            return None
        for part in reference[2:].split("/"):
            node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
        return node


def _sequence(node: object) -> list[Any]:
    return node if isinstance(node, list) else []


def _first(members: Iterable[str], wanted: Iterable[str]) -> str:
    """Return the member whose name, written in whatever way, is the first of the wanted ones."""
    by_name = {name.lower().replace("-", "_"): name for name in members}
    return next((by_name[name] for name in wanted if name in by_name), "")
