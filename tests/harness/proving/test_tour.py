"""A tour reaches nearly all of what a run of scenarios reached, with few of its requests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.maturity import ScoredRun
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.examples import exchange
from harness.proving.tour import tour
from tests.harness.proving.test_attribution import CLEAN

Asked = tuple[str, int]


def run(scenarios: Mapping[str, Sequence[Asked]], layer: Layer = Layer.SCENARIOS) -> ScoredRun:
    """Return a clean run in which one step of each requirement made these requests."""
    exchanges: dict[str, Exchange] = {}
    findings = []
    for requirement, asked in scenarios.items():
        mine = [
            replace(exchange(status, "{}", name=f"{requirement}-{at}", target=target), step=requirement)
            for at, (target, status) in enumerate(asked)
        ]
        exchanges |= {item.id: item for item in mine}
        findings.append(
            Finding(
                requirement=requirement,
                subject="target",
                outcome=Outcome.PASS,
                reason="so",
                layer=layer,
                producer="scenario",
                expected="it",
                seen="it",
                exchanges=tuple(item.id for item in mine[:1]),
            )
        )
    operations = (Operation(method="GET", path="/a"), Operation(method="GET", path="/b/{id}"))
    return replace(
        CLEAN,
        run=replace(CLEAN.run, operations=operations),
        exchanges=exchanges,
        findings=tuple(findings),
    )


def test_the_cheapest_scenarios_that_reach_everything_are_chosen() -> None:
    clean = run({
        "dear": [("/a", 200)] + [("/b/1", 404)] * 20,
        "cheap-a": [("/a", 200)],
        "cheap-b": [("/b/1", 404)],
    })  # fmt: skip

    assert tour(clean) == ("cheap-a", "cheap-b")


def test_another_status_of_an_operation_is_reached_too_and_another_id_of_it_is_the_same() -> None:
    clean = run({"one": [("/b/1", 200)], "two": [("/b/2", 200), ("/b/2", 200)], "three": [("/b/3", 404)]})

    assert tour(clean) == ("one", "three")


def test_the_last_tenth_is_left_out() -> None:
    rare = {"rare": [("/a", 500)] + [("/a", 200)] * 500}
    clean = run({f"s{status}": [("/a", status)] for status in range(200, 219)} | rare)

    assert "rare" not in tour(clean)
    assert len(tour(clean)) == 18  # of twenty pairs


def test_only_what_scenarios_asked_is_toured() -> None:
    assert tour(run({"fuzzed": [("/a", 200)]}, layer=Layer.FUZZ)) == ()
    assert tour(run({})) == ()
