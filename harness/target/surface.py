"""What a document offers to a caller, by the shape of its operations: objects, log-ins, inputs, roles."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from harness.core.operation import Operation
from harness.target.schemas import (
    EndlessSchema,
    Node,
    child,
    listed,
    operation_object,
    path_item,
    request_schema,
    resolved,
    type_of,
)

_LEAVING = re.compile(
    r"(?i)(log|sign)[-_]?(out|off)|revo[ck]|unregister|deactivat|disable[-_]?(me|account|self)"
)
_SIGN_OUT = re.compile(r"(?i)(log|sign)[-_]?(out|off)")
_OWN_SESSION = re.compile(r"(?i)/(sessions?|tokens?)(/(current|self|me))?/?$")
_VERBS = re.compile(r"(?i)reset|rotat|regenerat|renew|refresh|change|update|delete|remove|close|forgot")
_CREDENTIALS = re.compile(
    r"(?i)token|api[-_]?key|secret|credential|passw|session|account|mfa|totp|2fa|/(me|self)\b"
)
_LOGIN = re.compile(r"(?i)(log|sign)[-_]?in|authenticat|/auth$|/tokens?$|/sessions?$|/oauth2?/token")
_REGISTRATION = re.compile(r"(?i)regist|sign[-_]?up|/users?/?$|/accounts?/?$|/customers?/?$|/members?/?$")
_RECOVERY = re.compile(r"(?i)forgot|lost|recover|reset")
_PROOF = re.compile(r"(?i)token|code|otp|(^|_)(pin|key|answer)($|_)")
_URL_NAMES = re.compile(
    r"(?i)^(.*_)?(url|uri|link|href|webhook|callback|endpoint|feed|image_?url|avatar_?url|source_?url|target_?url|site)$"
    r"|[a-z](Url|Uri|Link|Webhook)$"
)
_REDIRECT_NAMES = re.compile(
    r"(?i)^(next|url|redirect(_?(to|ur[il]))?|return(_?(to|url))?|continue|goto|dest(ination)?|target|forward|callback|back|rurl|u)$"
)
_PASSWORD_NAMES = re.compile(r"(?i)^(password|passwd|pass|pwd|passphrase|secret)$")
_USER_NAMES = re.compile(r"(?i)^(user_?name|email|e_?mail|login|user|account|handle|phone)$")
_ADMIN_WORD = re.compile(r"(?i)(^|[/:._ -])(admin|administration|administrator|superuser)s?($|[/:._ -])")


class Place(StrEnum):
    """Where a value is put."""

    QUERY = "query"
    PATH = "path"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One place of an operation that takes a text of the caller's."""

    operation: Operation
    name: str
    place: Place
    form: str = ""
    is_text: bool = True

    @property
    def words(self) -> str:
        """Where it is, for people: `GET /notes, query parameter q`."""
        kind = "member" if self.place is Place.BODY else f"{self.place.value} parameter"
        return f"{self.operation.subject}, {kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind of object that can be created and read again: a collection and the item below it."""

    create: Operation
    read: Operation
    items: tuple[Operation, ...] = ()
    collection: Operation | None = None

    @property
    def parameter(self) -> str:
        """The name of the path parameter that names one object."""
        return self.read.path.rpartition("{")[2].rstrip("}/")

    def item(self, method: str) -> Operation | None:
        """Return the operation with this method on one object."""
        return next((each for each in self.items if each.method == method), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """An operation that takes a name and a password; `password` is empty where a name is enough."""

    operation: Operation
    username: str
    password: str


def resources(operations: Iterable[Operation]) -> Iterator[Resource]:
    """Yield what can be created with POST and read with GET one path segment below."""
    every = tuple(operations)
    for create in every:
        if create.method != "POST" or "{" in create.path or ends_credential(create):
            continue
        below = re.compile(re.escape(create.path.rstrip("/")) + r"/\{[^/{}]+\}/?")
        items = tuple(each for each in every if below.fullmatch(each.path))
        read = next((each for each in items if each.method == "GET"), None)
        if read is not None:
            lists = (each for each in every if each.method == "GET" and each.path == create.path)
            yield Resource(create=create, read=read, items=items, collection=next(lists, None))


def text_slots(operations: Iterable[Operation], document: Node, *, reading: bool) -> Iterator[Slot]:
    """Yield the parameters of reads (or the body members of writes) that take a caller's value."""
    for operation in operations:
        if operation.method not in {"GET", "POST", "PUT", "PATCH"} or (operation.method == "GET") != reading:
            continue
        yield from _parameters(operation, document) if reading else _members(operation, document)


def url_slots(operations: Iterable[Operation], document: Node, *, reading: bool) -> Iterator[Slot]:
    """Yield the slots whose format or name says that they take an address to fetch."""
    for slot in text_slots(operations, document, reading=reading):
        if slot.form in {"uri", "url", "iri"} or _URL_NAMES.search(slot.name):
            yield slot


def redirect_slots(operations: Iterable[Operation], document: Node) -> Iterator[Slot]:
    """Yield the query parameters of reads whose name says that the caller is sent on to their value."""
    for slot in text_slots(operations, document, reading=True):
        if slot.place is Place.QUERY and _REDIRECT_NAMES.fullmatch(slot.name):
            yield slot


def logins(operations: Iterable[Operation], document: Node) -> Iterator[Entrance]:
    """Yield the operations that look like a log-in by name and password."""
    for entrance in _entrances(operations, document):
        if _LOGIN.search(_words(entrance.operation)):
            yield entrance


def registrations(operations: Iterable[Operation], document: Node) -> Iterator[Entrance]:
    """Yield the operations that look like a registration open to anybody."""
    for entrance in _entrances(operations, document):
        words = _words(entrance.operation)
        if _REGISTRATION.search(words) and not _LOGIN.search(words) and not entrance.operation.is_secured:
            yield entrance


def recoveries(operations: Iterable[Operation], document: Node) -> Iterator[Entrance]:
    """Yield the operations by which anybody asks for a way back in by name alone, without a proof."""
    for operation in operations:
        is_named = operation.method == "POST" and _RECOVERY.search(_words(operation))
        if not is_named or "{" in operation.path or operation.is_secured:
            continue
        names = tuple(_body_properties(operation, document))
        username = next((name for name in names if _USER_NAMES.fullmatch(name)), "")
        if username and not any(_PASSWORD_NAMES.fullmatch(each) or _PROOF.search(each) for each in names):
            yield Entrance(operation=operation, username=username, password="")


def sign_outs(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Yield the operations by which callers end the sign-in that they call with."""
    for operation in operations:
        is_named = operation.method in {"POST", "DELETE"} and _SIGN_OUT.search(_words(operation))
        is_session = operation.method == "DELETE" and _OWN_SESSION.search(operation.path)
        if "{" not in operation.path and (is_named or is_session):
            yield operation


def admin_operations(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Yield the secured operations that the document itself marks as an administrator's."""
    for operation in operations:
        marks = (operation.path, *operation.tags, *operation.scopes)
        if operation.is_secured and any(_ADMIN_WORD.search(each) for each in marks):
            yield operation


def ends_credential(operation: Operation) -> bool:
    """Whether calling it may end the caller's own credential; such a one is never called with a real one."""
    words = _words(operation)
    verb = operation.method in {"DELETE", "PUT", "PATCH"} or _VERBS.search(words)
    return bool(_LEAVING.search(words) or (verb and _CREDENTIALS.search(words)))


def _words(operation: Operation) -> str:
    return f"{operation.operation_id} {operation.path}"


def _entrances(operations: Iterable[Operation], document: Node) -> Iterator[Entrance]:
    for operation in operations:
        if operation.method != "POST" or "{" in operation.path:
            continue
        members = tuple(_body_properties(operation, document))
        password = next((name for name in members if _PASSWORD_NAMES.fullmatch(name)), "")
        username = next((name for name in members if _USER_NAMES.fullmatch(name)), "")
        if password and username:
            yield Entrance(operation=operation, username=username, password=password)


def _parameters(operation: Operation, document: Node) -> Iterator[Slot]:
    for parameter in parameters_of(operation, document):
        if parameter.get("in") not in {Place.QUERY, Place.PATH}:
            continue
        schema = resolved(parameter.get("schema", parameter), document)
        if "enum" in schema or "const" in schema or type_of(schema) in {"boolean", "array", "object"}:
            continue
        yield Slot(
            operation=operation,
            name=str(parameter.get("name", "")),
            place=Place(parameter["in"]),
            form=str(schema.get("format", "")),
            is_text=type_of(schema) == "string",
        )


def _members(operation: Operation, document: Node) -> Iterator[Slot]:
    for name, raw in _body_properties(operation, document).items():
        schema = resolved(raw, document)
        options = [resolved(each, document) for each in (*listed(schema, "anyOf"), *listed(schema, "oneOf"))]
        texts = [each for each in (schema, *options) if "type" in each and type_of(each) == "string"]
        is_fixed = any("enum" in each or "const" in each or each.get("readOnly") for each in texts)
        if texts and not is_fixed and not _PASSWORD_NAMES.fullmatch(name):
            form = next((str(each["format"]) for each in texts if "format" in each), "")
            yield Slot(operation=operation, name=name, place=Place.BODY, form=form)


def _body_properties(operation: Operation, document: Node) -> Mapping[str, Any]:
    try:
        return child(request_schema(operation, document), "properties", document)
    except EndlessSchema:
        return {}


def parameters_of(operation: Operation, document: Node) -> tuple[Node, ...]:
    """Return the parameters of an operation, those of its path and those behind references included."""
    item, own = path_item(operation, document), operation_object(operation, document)
    every = (resolved(each, document) for each in (*listed(item, "parameters"), *listed(own, "parameters")))
    named = [each for each in every if isinstance(each.get("name"), str) and isinstance(each.get("in"), str)]
    return tuple({(each["name"], each["in"]): each for each in named}.values())
