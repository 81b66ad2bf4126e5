"""A body that is not what it says it is, is the sender's mistake."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.expect import shown
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.samples import request_schema
from harness.layers.scenarios.signals import Inconclusive

_MALFORMED = (b'{"name": "cut o', b"{'single': 'quotes'}", b'{"a": 1,}', b"\xff\xfe")
_MOST_OPERATIONS = 10


@pytest.mark.requirement("errors.malformed-json-refused")
@pytest.mark.writes
def test_a_body_that_is_not_json_is_refused(
    clients: Clients,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    path_of: Callable[[Operation], str],
) -> None:
    """Every operation that takes JSON answers malformed JSON with a 4xx."""
    headers = next(iter(target.sessions.values())).headers if target.sessions else {}
    client = clients({**headers, "Content-Type": "application/json"})
    taking = [
        each
        for each in operations
        if "application/json" in each.request_media_types
        and each.method in {"POST", "PUT", "PATCH"}
        and (
            not document or request_schema(each, document)
        )  # Swagger 2.0 says "consumes" without a body, too
        and not target.withholds(each)
    ]
    reached = 0

    for operation in taking[:_MOST_OPERATIONS]:
        for body in _MALFORMED:
            answer = client.request(operation.method, path_of(operation), content=body)
            where = f"{operation.subject} with the body {body!r}"
            assert 400 <= answer.status_code < 500, f"{where} answered {answer.status_code}: {shown(answer)}"
            reached += answer.status_code in {400, 422}

    if not reached:
        raise Inconclusive("body-not-reached", "No operation came as far as reading the body.")
