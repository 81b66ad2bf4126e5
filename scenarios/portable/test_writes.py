"""Writes follow HTTP: created things are found, a repeated PUT or key is once, stale tags are refused."""

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.expect import shown
from harness.layers.scenarios.listing import key_of
from harness.layers.scenarios.reads import Read, declared_parameters, json_or_none
from harness.layers.scenarios.samples import CannotSample, request_schema, valid_body
from harness.layers.scenarios.signals import Inconclusive

_PathOf = Callable[[Operation], str]
#: A compressed answer has a weak tag at best, and no write can be conditional on that.
_PLAIN = {"Accept-Encoding": "identity"}
_BOOK = re.compile(r"(?i)modif|updat|time|date|version|revision|etag|sequence|_at$|At$")
_MOST = 4
#: Operations that change who the caller is are no place to try things out.
_TOUCHY = ("auth", "login", "logout", "token", "password", "session", "register", "signup", "user", "account")


@dataclass(frozen=True, slots=True, kw_only=True)
class Editable:
    """Something that can be read and changed: its own present state is what is written back."""

    operation: Operation
    path: str
    body: Mapping[str, Any]
    etag: str


def creating(
    target: ScenarioContext, operations: tuple[Operation, ...], document: Mapping[str, Any]
) -> Iterator[tuple[Operation, Any]]:
    """Yield operations that create something harmless, with a body for each."""
    for operation in operations:
        is_touchy = any(word in operation.path.lower() for word in _TOUCHY)
        if not operation.is_creating or "{" in operation.path or is_touchy or target.withholds(operation):
            continue
        try:
            yield operation, valid_body(operation, document)
        except CannotSample:
            continue


@pytest.fixture
def editables(
    target: ScenarioContext,
    identified: httpx.Client,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    readable: tuple[Read, ...],
) -> list[Editable]:
    """What can be read and then put back unchanged, whole or member by member."""
    writes = [each for each in operations if each.method in {"PUT", "PATCH"}]
    found = []
    for read, operation in product(readable, writes):
        if read.operation is None or operation.path != read.operation.path or target.withholds(operation):
            continue
        if any(word in operation.path.lower() for word in _TOUCHY):
            continue
        answer = identified.get(read.path, headers=_PLAIN)
        schema = request_schema(operation, document)
        now = json_or_none(answer)
        known = schema.get("properties")
        if not isinstance(now, dict) or not isinstance(known, dict):
            continue
        body = {name: now[name] for name in known if name in now}
        if body and all(name in body for name in schema.get("required", ())):
            found.append(
                Editable(operation=operation, path=read.path, body=body, etag=answer.headers.get("etag", ""))
            )
    if not found:
        raise Inconclusive("nothing-editable", "Nothing was found that can be read and put back.")
    return found[:_MOST]


@pytest.mark.requirement("http.created-located")
@pytest.mark.writes
def test_what_was_created_is_found_where_the_answer_says(
    identified: httpx.Client,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    path_of: _PathOf,
) -> None:
    """A 201 names the new resource in Location, and that address is answered (RFC 9110 15.3.2)."""
    judged = 0
    for operation, body in creating(target, operations, document):
        if judged >= _MOST:
            break
        answer = identified.post(path_of(operation), json=body)
        if answer.status_code != 201:
            continue
        judged += 1
        location = answer.headers.get("location")
        assert location, f"{operation.subject} answered 201 without Location"
        place = urlsplit(urljoin(str(answer.request.url), location))
        if place.hostname != httpx.URL(target.base_url).host:
            raise Inconclusive("location-leaves-origin", f"{location} is on another origin.")
        local = place.path.removeprefix(urlsplit(target.base_url).path.rstrip("/"))
        read = identified.get(f"{local}?{place.query}" if place.query else local)
        assert read.status_code not in {404, 410, 500}, (
            f"{operation.subject} answered 201 with Location: {location}, which answered {read.status_code}"
        )
    if not judged:
        raise Inconclusive("nothing-created", "No operation answered 201 to a body that fits its schema.")


@pytest.mark.requirement("http.puts-idempotent")
@pytest.mark.needs("replaceable")
@pytest.mark.writes
def test_the_same_put_twice_is_as_good_as_once(identified: httpx.Client, editables: list[Editable]) -> None:
    """A PUT of what is there already succeeds again and leaves the same (RFC 9110 9.2.2)."""
    judged = 0
    for each in (one for one in editables if one.operation.method == "PUT"):
        states, answers = [], []
        for _ in range(2):
            tag = identified.get(each.path, headers=_PLAIN).headers.get("etag", "")
            headers = {"If-Match": tag} if tag else {}
            answers.append(identified.put(each.path, json=each.body, headers=headers))
            states.append(_state(identified.get(each.path), each))
        if not answers[0].is_success:
            continue
        judged += 1
        said = f"{each.operation.subject} twice with what is there"
        assert answers[1].is_success, f"{said} answered {answers[0].status_code}, {answers[1].status_code}"
        assert states[0] == states[1], f"{said} left {states[0]} and then {states[1]}"
    if not judged:
        raise Inconclusive("put-refused", "No PUT of what is there already was taken.")


def another(body: Any) -> Any:
    """Return a body that differs in one member: it is never meant to be taken, with the key of the first."""
    if not isinstance(body, Mapping):
        return body
    for name, value in reversed(body.items()):
        if isinstance(value, str):
            return {**body, name: f"{value[:-1]}{'y' if value.endswith('x') else 'x'}"}
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {**body, name: value + 1}
    return body


def _state(answer: httpx.Response, each: Editable) -> str:
    now = json_or_none(answer)
    if not isinstance(now, dict):
        return shown(answer)
    return json.dumps(_lasting({name: now.get(name) for name in each.body}))


def _lasting(node: Any) -> Any:
    """Return a value without the members by which a service keeps book of its own writes."""
    if isinstance(node, list):
        return [_lasting(item) for item in node]
    if isinstance(node, dict):
        return {name: _lasting(value) for name, value in node.items() if not _BOOK.search(name)}
    return node


@pytest.mark.requirement("http.stale-writes-refused")
@pytest.mark.needs("validators")
@pytest.mark.needs("changeable")
@pytest.mark.writes
def test_a_write_with_a_stale_tag_is_refused(identified: httpx.Client, editables: list[Editable]) -> None:
    """A PUT or PATCH with an If-Match that is not the present tag is answered 412 (RFC 9110 13.1.1)."""
    judged = 0
    for each in editables:
        if not each.etag:
            continue
        method, headers = each.operation.method, {"If-Match": '"no-such-tag-7f3a9c"'}
        bodies = [each.body] if method == "PUT" else [{name: value} for name, value in each.body.items()]
        answers = (identified.request(method, each.path, json=one, headers=headers) for one in bodies)
        # a member that only others may set is refused for that, whatever the tag
        answer = next((one for one in answers if one.status_code not in {400, 403, 422}), None)
        if answer is None:
            continue
        said = f"{each.operation.subject} with a stale If-Match answered {answer.status_code}"
        assert not answer.is_success, f"{said}: an update in between would be lost"
        judged += answer.status_code == 412
    if not judged:
        raise Inconclusive("no-precondition-reached", "No write came as far as looking at If-Match.")


@pytest.mark.requirement("api.idempotency-keys-replayed")
@pytest.mark.needs("idempotency-keys")
@pytest.mark.writes
def test_a_request_repeated_with_its_key_takes_effect_once(
    identified: httpx.Client,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    path_of: _PathOf,
) -> None:
    """Where Idempotency-Key is declared, the same request gives the same thing, and another never."""
    judged = 0
    for operation, body in creating(target, operations, document):
        names = {str(each.get("name", "")).lower() for each in declared_parameters(operation, document)}
        if "idempotency-key" not in names:
            continue
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        first = identified.post(path_of(operation), json=body, headers=headers)
        again = identified.post(path_of(operation), json=body, headers=headers)
        if not first.is_success:
            continue
        judged += 1
        said = f"{operation.subject} twice with one Idempotency-Key"
        assert again.is_success, f"{said} answered {first.status_code}, then {again.status_code}"
        keys = [
            key_of(made) if isinstance(made := json_or_none(each), dict) else "" for each in (first, again)
        ]
        assert keys[0] == keys[1], f"{said} made {keys[0]} and {keys[1]}"
        other = another(body)
        third = identified.post(path_of(operation), json=other, headers=headers) if other != body else first
        replayed = key_of(made) if isinstance(made := json_or_none(third), dict) and other != body else ""
        assert not (third.is_success and replayed and replayed == keys[0]), (
            f"{operation.subject} with a used Idempotency-Key and another body gives {replayed}, "
            "which the first body made"
        )
    if not judged:
        raise Inconclusive("nothing-created", "No operation with a declared key took its sample body.")
