"""Writes follow HTTP: created things are found, a repeated PUT or key is once, stale tags are refused."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.editing import Editable, editables
from harness.layers.scenarios.listing import key_of
from harness.layers.scenarios.making import Maker
from harness.layers.scenarios.reads import declared_parameters, json_or_none
from harness.layers.scenarios.samples import CannotSample, valid_body
from harness.layers.scenarios.signals import Inconclusive

_PathOf = Callable[[Operation], str]
_MOST = 4
_MOST_EDITABLE = 12
#: Operations that change who the caller is are no place to try things out.
_TOUCHY = ("auth", "login", "logout", "token", "password", "session", "register", "signup", "user", "account")


def _is_touchy(operation: Operation) -> bool:
    return any(word in operation.path.lower() for word in _TOUCHY)


def _is_creating(operation: Operation) -> bool:
    return operation.is_creating and "{" not in operation.path and not _is_touchy(operation)


def creating(
    target: ScenarioContext, operations: tuple[Operation, ...], document: Mapping[str, Any]
) -> Iterator[tuple[Operation, Any]]:
    """Yield operations that create something harmless, with a body for each."""
    for operation in operations:
        if not _is_creating(operation) or target.withholds(operation):
            continue
        try:
            yield operation, valid_body(operation, document)
        except CannotSample:
            continue


@pytest.fixture
def editable(
    furnished: ScenarioContext,
    everybody: tuple[httpx.Client, ...],
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
) -> list[Editable]:
    """What can be read and put back unchanged by somebody, whole or member by member."""
    tried = [each for each in operations if not furnished.withholds(each) and not _is_touchy(each)]
    found = list(islice(editables(everybody, tried, document, furnished.path_prefix), _MOST_EDITABLE))
    if not found:
        raise Inconclusive("nothing-editable", "Nothing was found that can be read and put back.")
    return found


@pytest.mark.requirement("http.created-located")
@pytest.mark.writes
def test_what_was_created_is_found_where_the_answer_says(
    everybody: tuple[httpx.Client, ...],
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    maker: Maker,
) -> None:
    """A 201 names the new resource in Location, and that address is answered (RFC 9110 15.3.2)."""
    judged = 0
    for operation in (each for each in operations if _is_creating(each)):
        if judged >= _MOST:
            break
        made = _made(everybody, operation, maker)
        if made is None:
            continue
        client, answer = made
        judged += 1
        location = answer.headers.get("location")
        assert location, f"{operation.subject} answered 201 without Location"
        place = urlsplit(urljoin(str(answer.request.url), location))
        if place.hostname != httpx.URL(target.base_url).host:
            raise Inconclusive("location-leaves-origin", f"{location} is on another origin.")
        local = place.path.removeprefix(urlsplit(target.base_url).path.rstrip("/"))
        read = client.get(f"{local}?{place.query}" if place.query else local)
        assert read.status_code not in {404, 410, 500}, (
            f"{operation.subject} answered 201 with Location: {location}, which answered {read.status_code}"
        )
    if not judged:
        raise Inconclusive("nothing-created", "No operation answered 201 to a body that fits its schema.")


def _made(
    everybody: tuple[httpx.Client, ...], operation: Operation, maker: Maker
) -> tuple[httpx.Client, httpx.Response] | None:
    """Return the first 201 and whose it is."""
    for client in everybody:
        answer = maker.post(operation, client)
        if answer is not None and answer.status_code == 201:
            return client, answer
    return None


@pytest.mark.requirement("http.puts-idempotent")
@pytest.mark.needs("replaceable")
@pytest.mark.writes
def test_the_same_put_twice_is_as_good_as_once(editable: list[Editable]) -> None:
    """A PUT of what is there already succeeds again and leaves the same (RFC 9110 9.2.2)."""
    judged: set[str] = set()
    for each in (one for one in editable if one.operation.method == "PUT"):
        if each.operation.subject in judged:
            continue
        states, answers = [], []
        for _ in range(2):
            tag = each.tag()
            answers.append(each.write({"If-Match": tag} if tag else {}))
            states.append(each.state())
        first, second = answers
        if first is None or not first.is_success:
            continue
        judged.add(each.operation.subject)
        said = f"{each.operation.subject} twice with what is there"
        assert second is not None, f"{said} answered {first.status_code} and then refused the body"
        assert second.is_success, f"{said} answered {first.status_code}, {second.status_code}"
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


@pytest.mark.requirement("http.stale-writes-refused")
@pytest.mark.needs("validators")
@pytest.mark.needs("changeable")
@pytest.mark.writes
def test_a_write_with_a_stale_tag_is_refused(editable: list[Editable]) -> None:
    """A PUT or PATCH with an If-Match that is not the present tag is answered 412 (RFC 9110 13.1.1)."""
    judged: set[str] = set()
    for each in (one for one in editable if one.etag):
        if each.operation.subject in judged:
            continue
        answer = each.write({"If-Match": '"no-such-tag-7f3a9c"'})
        if answer is None:
            continue
        said = f"{each.operation.subject} with a stale If-Match answered {answer.status_code}"
        assert not answer.is_success, f"{said}: an update in between would be lost"
        if answer.status_code == 412:
            judged.add(each.operation.subject)
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
