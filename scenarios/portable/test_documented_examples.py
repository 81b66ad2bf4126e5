"""What the document gives as an example works on the running target."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.expect import shown
from harness.layers.scenarios.reads import ask, declared_parameters, schema_of
from harness.layers.scenarios.signals import Inconclusive

_MOST = 20
_REFUSED = frozenset({400, 405, 406, 414, 415, 422})


def exemplified(operations: tuple[Operation, ...], document: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield reads whose every required parameter has an example of its own, and at least one of them."""
    for operation in operations:
        needed = [each for each in declared_parameters(operation, document) if each.get("required")]
        if operation.method == "GET" and needed and all(_has_example(each, document) for each in needed):
            yield operation


def _has_example(parameter: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    schema = schema_of(parameter, document)
    return any(holder.get(name) for holder in (parameter, schema) for name in ("example", "examples"))


def _query(operation: Operation, document: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for each in declared_parameters(operation, document):
        if each.get("in") == "query" and each.get("required"):
            found[str(each["name"])] = str(_example(each, schema_of(each, document)))
    return found


def _example(parameter: Mapping[str, Any], schema: Mapping[str, Any]) -> object:
    for holder in (parameter, schema):
        if "example" in holder:
            return holder["example"]
        listed = holder.get("examples")
        if isinstance(listed, dict) and listed:
            first = next(iter(listed.values()))
            return first.get("value", "") if isinstance(first, dict) else first
        if isinstance(listed, list) and listed:
            return listed[0]
    return ""


@pytest.mark.requirement("docs.read-examples-answered")
def test_a_read_with_its_documented_examples_is_not_refused(
    identified: httpx.Client,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    path_of: Callable[[Operation], str],
) -> None:
    """A read with the parameters that the document gives as examples is no bad request and no 5xx."""
    judged = 0
    for operation in list(exemplified(operations, document))[:_MOST]:
        if target.withholds(operation):
            continue
        address = httpx.URL(path_of(operation)).copy_merge_params(_query(operation, document))
        answer = ask(identified, "GET", str(address))
        if answer is None or answer.status_code in {401, 403, 404, 409, 410, 429, 503}:
            continue
        judged += 1
        said = f"GET {address}, as in the examples of {operation.subject}, answered {answer.status_code}"
        assert answer.status_code not in _REFUSED, f"{said}: {shown(answer)}"
        assert answer.status_code < 500, f"{said}: {shown(answer)}"
    if not judged:
        raise Inconclusive("no-examples", "No read with examples of its parameters was answered.")
