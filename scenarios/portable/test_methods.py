"""A method that does not exist on a resource is refused, and the refusal names those that do."""

from collections.abc import Callable

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.signals import Inconclusive


@pytest.mark.requirement("api.method-not-allowed-names-methods")
@pytest.mark.writes  # TRACE is safe by its definition, but reading is what a URL consents to
def test_a_refusal_of_trace_with_405_names_the_methods(client: httpx.Client, known_path: str) -> None:
    """Where TRACE is answered with 405, it carries Allow (RFC 9110 15.5.6).

    Any other answer breaks no rule; whether a 405 was seen at all is for the other scenario to say.
    """
    _check_allow(client.request("TRACE", known_path))


@pytest.mark.requirement("api.method-not-allowed-names-methods")
def test_an_undeclared_safe_method_is_refused_with_the_methods_that_exist(
    client: httpx.Client, operations: tuple[Operation, ...], path_of: Callable[[Operation], str]
) -> None:
    """GET on a path that only declares other methods is a 405 whose Allow names them."""
    readable = {each.path for each in operations if each.method == "GET"}
    others = [each for each in operations if each.path not in readable]
    answers = [(each, client.get(path_of(each))) for each in others[:10]]
    refused = [(each, answer) for each, answer in answers if answer.status_code == 405]
    if not refused:
        raise Inconclusive("no-405-seen", "No path was found on which GET is not allowed.")

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
