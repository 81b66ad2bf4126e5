"""Short words for the good and bad examples that every judge carries."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.core.exchange import Exchange, Request, Response
from harness.core.layer import Layer
from harness.core.operation import Operation, Operations
from harness.judges.protocol import Recorded

JSON = "application/json"
PROBLEM = "application/problem+json"


def exchange(
    status: int,
    body: str = "",
    *,
    name: str = "scenarios-1",
    method: str = "GET",
    target: str = "/items/1",
    layer: Layer = Layer.SCENARIOS,
    media_type: str = JSON,
    sent: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Exchange:
    """Return a recorded exchange; a body brings its media type along."""
    typed = {"Content-Type": media_type} if body else {}
    return Exchange(
        id=name,
        layer=layer,
        request=Request(method=method, target=target, headers=tuple((sent or {}).items())),
        response=Response(
            status=status,
            headers=tuple({**typed, **(headers or {})}.items()),
            body=body or None,
            body_size=len(body),
        ),
    )


def problem(status: int, **fields: Any) -> Exchange:
    """Return an error answer in problem details."""
    body = f'{{"type": "/problems/example", "title": "Example", "status": {status}}}'
    return exchange(status, body, media_type=PROBLEM, **fields)


def item_operation(**responses: tuple[str, ...]) -> Operation:
    """Return the operation `GET /items/{id}`; statuses are given as `s200=("application/json",)`."""
    return Operation(
        method="GET",
        path="/items/{id}",
        operation_id="getItem",
        responses={status.removeprefix("s"): types for status, types in responses.items()},
    )


def recorded(
    *exchanges: Exchange,
    operations: Sequence[Operation] = (),
    openapi: Mapping[str, Any] | None = None,
    base_url: str = "http://127.0.0.1:8000",
    dependencies: Sequence[str] = (),
) -> Recorded:
    """Return a record of exchanges and what the target declared."""
    return Recorded(
        exchanges=exchanges,
        operations=Operations(operations),
        openapi=openapi,
        base_url=base_url,
        dependencies=dependencies,
    )
