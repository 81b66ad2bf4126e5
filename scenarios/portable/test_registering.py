"""Whoever registers gets what everybody gets, whatever else the body asks for."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.entering import FrontDoor, new_name, new_password
from harness.layers.scenarios.making import object_in
from harness.layers.scenarios.samples import CannotSample
from harness.layers.scenarios.signals import Inconclusive
from harness.target.schemas import merged, request_schema, resolved
from harness.target.surface import Entrance, registrations

_PRIVILEGE = re.compile(
    r"(?i)(is_?)?(admin|staff|superuser|verified|approved|premium|internal)|roles?|permissions?|scopes?|groups?"
)
_MIGHTY = ("admin", "administrator", "staff")


@pytest.fixture
def door(client: httpx.Client, document: Mapping[str, Any], target: ScenarioContext) -> FrontDoor:
    """The front door, for somebody without credentials."""
    return FrontDoor(client=client, document=document, prefix=target.path_prefix)


@pytest.mark.requirement("security.registrations-unprivileged")
@pytest.mark.needs("registration")
@pytest.mark.writes
def test_a_registration_gives_no_privilege_that_its_body_asks_for(
    door: FrontDoor,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    target: ScenarioContext,
) -> None:
    """Role, rights and flags that a new account shows are not those of the body."""
    judged = 0
    for entrance in registrations(operations, document):
        if entrance.operation.subject in target.never:
            continue
        for name, usual in privileges(door, entrance, document):
            for value in other_values(entrance.operation, document, name, usual):
                judged += 1
                shown = registered(door, entrance, {name: value})
                assert name not in shown or shown[name] != value, (
                    f"{entrance.operation.subject} with {name}={value!r} in its body made an account that "
                    f"has it; without, {name} is {usual!r}"
                )
    if not judged:
        raise Inconclusive(
            "no-privilege-shown", "No registration shows a role, right or flag of the account."
        )


def privileges(door: FrontDoor, entrance: Entrance, document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what a plain new account shows of its privileges and the document does not let a body say."""
    settable = request_schema(entrance.operation, document).get("properties", {})
    for name, value in registered(door, entrance, {}).items():
        if _PRIVILEGE.fullmatch(name) and name not in settable:
            yield name, value


def registered(door: FrontDoor, entrance: Entrance, extra: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a registration with more members than usual shows; nothing where it is refused."""
    try:
        answer = door.send(entrance, new_name(entrance), new_password(), extra=extra)
    except CannotSample:
        return {}
    return object_in(body_of(answer)) if answer.is_success else {}


def other_values(operation: Operation, document: Mapping[str, Any], name: str, usual: Any) -> Iterator[Any]:
    """Yield values that the account has not by itself, the document's own first."""
    if isinstance(usual, bool):
        yield not usual
        return
    texts = [*listed_values(operation, document, name), *_MIGHTY]
    different = [text for text in dict.fromkeys(texts) if usual not in (text, [text])]
    for text in different[:4]:
        yield [text] if isinstance(usual, list) else text


def listed_values(operation: Operation, document: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield the texts that the document lists for a member of the answer."""
    raw = resolved(document.get("paths", {}).get(operation.path, {}), document)
    responses = resolved(raw.get(operation.method.lower(), {}), document).get("responses", {})
    for status, response in responses.items():
        found = resolved(response, document)
        content = found.get("content", {})
        for media in content.values() if str(status).startswith("2") else ():
            schema = merged(media.get("schema", {}), document).get("properties", {}).get(name, {})
            listed = resolved(schema, document)
            items = resolved(listed.get("items", {}), document)
            yield from (str(each) for each in (*listed.get("enum", ()), *items.get("enum", ())))
