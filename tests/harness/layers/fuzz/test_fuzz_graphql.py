"""The real Schemathesis on a tiny GraphQL service, right and wrong."""

from pathlib import Path

import pytest

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.core.target import Consent, Target
from harness.layers.fuzz import engine
from harness.layers.fuzz.engine import ENGINE
from harness.layers.fuzz.tool import Effort
from tests.harness.layers.assigning import LAUNCHED, Emitted, assign, instance_of
from tests.targets.books_graphql import BooksServer

MATCH = "graphql.responses-match-schema"
FIELDS = ("Query.book", "Query.books")


def fuzzed(folder: Path, monkeypatch: pytest.MonkeyPatch, *faults: str) -> dict[str, Finding]:
    few = Effort(name="graphql", seconds=60, phases=("fuzzing",), examples=8, shares_time=False)
    monkeypatch.setattr(engine, "graphql_effort", lambda _depth, _seconds: few)
    emitted = Emitted()
    with BooksServer(frozenset(faults)) as server:
        target = Target(
            name="books",
            base_url=server.url,
            graphql="/graphql",
            processes=LAUNCHED,
            consent=Consent(writes=True),
        )
        planned = [(MATCH, name) for name in FIELDS]
        ENGINE.run(assign(Layer.FUZZ, instance_of(target, server.url), emitted, folder, planned=planned))
    return dict(emitted.of(MATCH))


def test_a_service_that_keeps_its_schema_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = fuzzed(tmp_path, monkeypatch)

    assert {name: item.outcome for name, item in found.items()} == dict.fromkeys(FIELDS, Outcome.PASS)


@pytest.mark.parametrize(
    ("fault", "broken"), [("null-for-non-null", "Query.book"), ("no-object", "Query.books")]
)
def test_a_field_that_breaks_its_promise_fails_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, broken: str
) -> None:
    found = fuzzed(tmp_path, monkeypatch, fault)

    assert {name for name, item in found.items() if item.outcome is Outcome.FAIL} == {broken}
    assert found[broken].reproduction.startswith("curl ")
