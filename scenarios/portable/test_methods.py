"""A method that does not exist on a resource is refused, and the refusal names those that do."""

from collections.abc import Callable

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.signals import Inconclusive


@pytest.mark.requirement("api.method-not-allowed-names-methods")
def test_a_method_that_is_refused_with_405_is_answered_with_those_that_exist(
    client: httpx.Client,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    path_of: Callable[[Operation], str],
    known_path: str,
) -> None:
    """A 405 carries Allow (RFC 9110 15.5.6): for GET where only other methods are declared, and for TRACE.

    TRACE reads nothing but is no method of a bare URL's consent.
    """
    traced = client.request("TRACE", known_path) if target.may_write else None
    readable = {each.path for each in operations if each.method == "GET"}
    others = [each for each in operations if each.path not in readable]
    answers = [(each, client.get(path_of(each))) for each in others[:10]]
    refused = [(each, answer) for each, answer in answers if answer.status_code == 405]
    is_traced = traced is not None and traced.status_code == 405
    if not refused and not is_traced:
        raise Inconclusive("no-405-seen", "No path was found on which a method is answered 405.")

    if traced is not None:
        _check_allow(traced)
    for operation, answer in refused:
        allowed = _check_allow(answer)
        declared = {each.method for each in operations if each.path == operation.path}
        missing = declared - allowed
        assert not missing, f"GET {operation.path}: Allow names {sorted(allowed)}, not {sorted(missing)}"
        assert "GET" not in allowed, f"GET {operation.path} is refused with 405, and Allow names GET"


def _check_allow(answer: httpx.Response) -> set[str]:
    if answer.status_code != 405:
        return set()
    request = answer.request
    assert "allow" in answer.headers, f"{request.method} {request.url.path} answered 405 without Allow"
    return {each.strip().upper() for each in answer.headers["allow"].split(",") if each.strip()}
