"""A body that is good but for one member is refused, when the document forbids that member's value.

A body at random is mostly refused for something else, an object that does not exist for instance; here all
else is known to be taken.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Clients, Judged
from harness.layers.scenarios.making import Maker
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import people
from harness.layers.scenarios.samples import merged, request_schema
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import resources

pytestmark = pytest.mark.depth("standard")

_NO_VALUE = "no-such-value-7f3a9c"
_MOST_TEXT = 2_000
#: A 404 or 409 may be about something else than the value.
_REFUSED = frozenset({400, 422})


@pytest.mark.requirement("errors.invalid-input-refused")
@pytest.mark.writes
def test_a_good_body_with_one_forbidden_value_is_refused(
    *,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    clients: Clients,
    maker: Maker,
    pace: Pace,
    judged: Judged,
) -> None:
    """Where a body is taken, the same with a value out of bounds in one member is answered with a 4xx."""
    everybody = [clients(each.headers, identity=each.name) for each in people(target)] or [clients()]
    for create in (each.create for each in pace.some(resources(operations))):
        taken = ((client, maker.taken(create, client)) for client in everybody)
        client, good = next(((one, body) for one, body in taken if body), (None, {}))
        wrong = list(forbidden(create, good, document))
        if client is not None and wrong:
            with judged(create.subject):
                check_refused(create, client, good, wrong, maker)


def check_refused(
    create: Operation,
    client: httpx.Client,
    good: Mapping[str, Any],
    wrong: list[tuple[str, Any]],
    maker: Maker,
) -> None:
    """No forbidden value is taken, twice, by the person whose good body was."""
    path = maker.target.path_prefix + create.path
    refused = 0
    for name, value in wrong:
        answers = [maker.pace.ask(client, "POST", path, json={**good, name: value}) for _ in range(2)]
        assert not all(each.is_success for each in answers), (
            f"{create.subject} answered {answers[0].status_code} to {name}={str(value)[:40]!r}, which the "
            "document forbids"
        )
        refused += all(each.status_code in _REFUSED for each in answers)
    if not refused:
        raise Inconclusive("refused-for-another-reason", f"{create.subject} looked at no forbidden value.")


def forbidden(
    create: Operation, good: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield a member of the good body with a value that its schema plainly rules out."""
    properties = request_schema(create, document).get("properties", {})
    for name in good:
        for value in values_outside(merged(properties.get(name, {}), document)):
            yield name, value


def values_outside(schema: Mapping[str, Any]) -> Iterator[Any]:
    """Yield values beyond the bounds of a schema; a bound that is no plain one is left alone."""
    match schema.get("type"):
        case "integer" | "number":
            if is_number(schema.get("minimum")):
                yield schema["minimum"] - 1
            if is_number(schema.get("maximum")):
                yield schema["maximum"] + 1
        case "string":
            if isinstance(schema.get("enum"), list):
                yield _NO_VALUE
            if is_number(schema.get("maxLength")) and schema["maxLength"] <= _MOST_TEXT:
                yield "x" * (schema["maxLength"] + 1)
            if is_number(schema.get("minLength")) and schema["minLength"] > 0:
                yield ""


def is_number(value: object) -> bool:
    """Whether it is one that can be counted from."""
    return isinstance(value, int | float) and not isinstance(value, bool)
