"""How a list is made longer than its pages, and where it is left as it is."""

import httpx
import pytest

from harness.core.layer import Depth
from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.filling import Filler
from harness.layers.scenarios.making import Maker
from harness.layers.scenarios.pace import Pace

LIST = Operation(method="GET", path="/lamps")
OPERATIONS = (
    LIST,
    Operation(method="POST", path="/lamps", request_media_types=("application/json",)),
    Operation(method="GET", path="/lamps/{id}"),
)
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}
BODY = {"requestBody": {"content": {"application/json": {"schema": SCHEMA}}}}


@pytest.mark.parametrize(
    ("may_fill", "wanted", "is_filled", "made"),
    [(True, 7, True, 7), (False, 7, False, 0), (True, 5_000, False, 0)],
    ids=["as many as wanted", "none where it is not ours", "none where it would be too many"],
)
def test_a_list_is_filled_where_it_may_be(may_fill: bool, wanted: int, is_filled: bool, made: int) -> None:
    taken: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        taken.append(request)
        return httpx.Response(201, json={"id": len(taken)})

    with httpx.Client(base_url="http://h", transport=httpx.MockTransport(take)) as client:
        target = ScenarioContext(
            target="lamps", base_url="http://h", direct_url="http://h", operations=OPERATIONS
        )
        document = {"paths": {"/lamps": {"post": BODY}}}
        pace = Pace(depth=Depth.STANDARD)
        maker = Maker(target=target, document=document, pace=pace, number=lambda: 1000 + len(taken))
        filled = Filler(maker=maker, may_fill=may_fill, makers=[client]).fill(LIST, wanted)

    assert (filled, len(taken)) == (is_filled, made)
