"""Members that a caller has no say in stay as the target sets them, whatever a body holds."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.making import Made, Maker, nothing_made, object_in
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import somebody, with_token
from harness.layers.scenarios.privileges import is_privilege, other_values
from harness.layers.scenarios.samples import merged, request_schema, resolved, valid_body
from harness.layers.scenarios.signals import Inconclusive
from harness.layers.scenarios.signing_in import SignIn
from harness.target.surface import resources

#: What a target keeps account of itself: a caller has no say in it unless the document offers it in bodies.
_KEPT = re.compile(
    r"(?i)_?id|uuid|(created|updated|modified|deleted)(_?(at|on|by|date))?|state|status|version|revision|etag"
    r"|\w+_count|views|likes"
)
_MIGHTY = re.compile(
    r"(?i)(is_?)?(admin|staff|superuser|verified|approved|paid|premium|internal|system)|roles?|permissions?|scopes?"
    r"|(owner|user|tenant|account|creator|author|customer|org(anization)?)(_?id)?|created_?by|balance|credits?"
)


@pytest.mark.requirement("security.unsettable-members-kept")
@pytest.mark.writes
def test_a_body_sets_nothing_that_is_not_its_to_set(
    operations: tuple[Operation, ...],
    signed_in: httpx.Client,
    maker: Maker,
    document: Mapping[str, Any],
    pace: Pace,
) -> None:
    """A body with readOnly or privileged members is refused, or reading back shows no effect of them."""
    made = judged = 0
    for resource in pace.some(resources(operations)):
        plain = maker.make(resource, signed_in)
        if plain is None:
            continue
        made += 1
        extra = unsettable(plain, document)
        if not extra:
            continue
        judged += 1
        answer = maker.create(resource, signed_in, extra=extra)
        if answer is None:
            continue  # refused: the same body without them was taken
        again = maker.read_back(resource, signed_in, answer)
        shown = object_in(body_of(answer)) if again is None else again.members
        taken = [name for name, value in extra.items() if shown.get(name) == value]
        assert not taken, (
            f"{resource.create.subject} took {', '.join(taken)} from the body: the object shows what was sent"
        )
    if not made:
        raise nothing_made(maker)
    if not judged:
        raise Inconclusive("nothing-unsettable", "No object shows a member that only the target should set.")


@pytest.mark.requirement("security.own-privileges-kept")
@pytest.mark.needs("registration")
@pytest.mark.needs("changeable")
@pytest.mark.writes
def test_nobody_grants_a_privilege_to_the_own_account(
    *,
    sign_in: SignIn,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    clients: Clients,
    pace: Pace,
) -> None:
    """A change of the own account, made for this, leaves role, rights and flags as they were."""
    client = clients(with_token(somebody(target), sign_in.token()))
    judged = 0
    for operation in own_changes(operations, target):
        path = target.path_prefix + operation.path
        before = object_in(body_of(pace.ask(client, "GET", path)))
        let_in = request_schema(operation, document).get("properties", {})
        read = replace(operation, method="GET")
        for name in (each for each in before if is_privilege(each) and each not in let_in):
            for value in other_values(read, document, name, before[name]):
                body = {**valid_body(operation, document), name: value}
                answer = pace.ask(client, operation.method, path, json=body)
                after = object_in(body_of(pace.ask(client, "GET", path)))
                judged += 1
                assert not (answer.is_success and after.get(name) == value), (
                    f"{operation.subject} with {name}={value!r} in its body answered {answer.status_code}, "
                    f"and GET {operation.path} shows it; before, {name} was {before[name]!r}"
                )
    if not judged:
        raise Inconclusive("no-privilege-shown", "No change of the own account shows a role, right or flag.")


def own_changes(operations: tuple[Operation, ...], target: ScenarioContext) -> Iterator[Operation]:
    """Yield the changes of what is read by the same path without an id: of the caller's own things."""
    read = {each.path for each in operations if each.method == "GET" and each.is_secured}
    for each in operations:
        is_named = not {each.subject, each.path}.isdisjoint(target.never)
        if each.method in {"PATCH", "PUT"} and "{" not in each.path and each.path in read and not is_named:
            yield each


def unsettable(plain: Made, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return another value for every member shown that the document does not let a body set."""
    let_in = request_schema(plain.resource.create, document).get("properties", {})
    let_in = let_in if isinstance(let_in, Mapping) else {}
    read_only = set(read_only_members(let_in, document)) | set(
        read_only_members(shown_schema(plain.resource.read, document), document)
    )
    return {
        name: another(value)
        for name, value in plain.members.items()
        if (name in read_only or (name not in let_in and is_the_targets(name))) and another(value) is not None
    }


def is_the_targets(name: str) -> bool:
    """Whether a member is called like something that only the target sets."""
    return bool(_MIGHTY.fullmatch(name) or _KEPT.fullmatch(name))


def read_only_members(properties: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """Return the names that a schema calls readOnly."""
    return [name for name, each in properties.items() if resolved(each, document).get("readOnly") is True]


def shown_schema(operation: Operation, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the properties of what a read answers with."""
    item = document.get("paths", {}).get(operation.path, {})
    response = resolved(item.get("get", {}).get("responses", {}).get("200", {}), document)
    schema = response.get("content", {}).get("application/json", {}).get("schema", response.get("schema", {}))
    properties = merged(schema, document).get("properties", {})
    return properties if isinstance(properties, Mapping) else {}


def another(value: Any) -> Any:
    """Return another value of the same kind; None where there is none to make."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 987_654
        case str():
            return another_text(value)
        case [*_]:
            return ["admin"]
    return None


def another_text(value: str) -> str:
    """Return another moment for a moment, another identifier for one, and else a word."""
    if re.match(r"\d{4}-\d\d-\d\dT", value):
        return "2001-02-03T04:05:06Z"
    return "admin" if len(value) < 20 else "00000000-0000-4000-8000-0000deadbeef"
