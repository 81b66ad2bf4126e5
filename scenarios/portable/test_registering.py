"""Whoever registers gets what everybody gets, whatever else the body asks for."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.entering import FrontDoor, new_name, new_password
from harness.layers.scenarios.making import object_in
from harness.layers.scenarios.privileges import is_privilege, other_values
from harness.layers.scenarios.samples import CannotSample
from harness.layers.scenarios.signals import Inconclusive
from harness.target.schemas import request_schema
from harness.target.surface import Entrance, registrations


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
        if is_privilege(name) and name not in settable:
            yield name, value


def registered(door: FrontDoor, entrance: Entrance, extra: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a registration with more members than usual shows; nothing where it is refused."""
    try:
        answer = door.send(entrance, new_name(entrance), new_password(), extra=extra)
    except CannotSample:
        return {}
    return object_in(body_of(answer)) if answer.is_success else {}
