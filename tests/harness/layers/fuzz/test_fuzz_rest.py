"""What coverage had no time for is reached by the run after it, and consent holds there, too."""

import re
from pathlib import Path

import pytest

from harness.core.layer import Depth
from harness.core.operation import Operation, Operations
from harness.layers.fuzz.report import Mode, Scenario, SentCase
from harness.layers.fuzz.tally import Tally
from harness.layers.fuzz.tool import READING_METHODS, Order, command, for_the_rest, openapi_efforts

NAMES = ("GET /items/{id}", "POST /items", "GET /items")


def _order(*, reads_only: bool) -> Order:
    _, repeating = openapi_efforts(Depth.STANDARD, 600.0, operations=200)
    return Order(
        schema=Path("openapi.json"),
        url="http://127.0.0.1:1",
        seed=1,
        effort=repeating,
        reads_only=reads_only,
        headers={},
        included_methods=READING_METHODS if reads_only else (),
    )


def test_the_rest_is_named_exactly_and_shares_the_time() -> None:
    rest = for_the_rest(_order(reads_only=False), NAMES, 600.0)

    assert rest.effort.phases[0] == "coverage"
    assert rest.effort.shares_time
    assert rest.effort.seconds == 90
    assert all(re.search(rest.included_names, name) for name in NAMES)
    assert not re.search(rest.included_names, "GET /items/{id}/parts")


def test_without_consent_only_what_reads_is_named_and_nothing_else_lets_more_in() -> None:
    rest = for_the_rest(_order(reads_only=True), NAMES, 600.0)
    line = command(rest, Path("st.toml"), Path("report.ndjson"))

    assert "--include-method" not in line
    assert re.search(rest.included_names, "GET /items")
    assert not re.search(rest.included_names, "POST /items")


@pytest.mark.parametrize("names", [(), ("POST /items",)])
def test_with_nothing_left_the_run_is_as_it_was(names: tuple[str, ...]) -> None:
    order = _order(reads_only=True)

    assert for_the_rest(order, names, 600.0) == order


def test_an_operation_that_got_a_case_is_reached() -> None:
    tally = Tally(
        Operations((Operation(method="GET", path="/items"), Operation(method="POST", path="/items")))
    )
    case = SentCase(
        id="a",
        label="GET /items",
        phase="coverage",
        method="GET",
        path="/items",
        mode=Mode.POSITIVE,
        status=200,
    )
    tally.read(Scenario(label="GET /items", phase="coverage", cases=(case,)))

    assert tally.unreached == ("POST /items",)
