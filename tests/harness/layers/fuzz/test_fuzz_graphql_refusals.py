"""What an answer of a GraphQL server says about a field, and what it does not."""

from harness.core.finding import Finding
from harness.core.operation import Operations
from harness.core.outcome import Outcome
from harness.layers.fuzz.graphql import GraphQLTally
from harness.layers.fuzz.report import CheckResult, CheckStatus, Mode, Scenario, SentCase
from harness.layers.fuzz.tally import Describe

_SILENT = Describe(exchanges=lambda case: (case.id,), reproduction=lambda case: f"curl {case.id}")


def _case(identity: str, status: int, *, failing: str = "", mode: Mode = Mode.POSITIVE) -> SentCase:
    checks = tuple(
        CheckResult(
            name=name,
            status=CheckStatus.FAILURE if name == failing else CheckStatus.SUCCESS,
            code="ST113",
            title="GraphQL server error",
        )
        for name in ("not_a_server_error", "response_schema_conformance")
    )
    return SentCase(
        id=identity, label="Query.note", phase="fuzzing", method="POST", path="/graphql", mode=mode,
        scenario="", status=status, media_type="application/json", has_body=True, checks=checks,
    )  # fmt: skip


def _finding(*cases: SentCase) -> Finding:
    tally = GraphQLTally(("Query.note",))
    tally.read(Scenario(label="Query.note", phase="fuzzing", cases=cases))
    (found,) = tally.findings(operations=Operations(()), path="/graphql", describe=_SILENT)
    return found


def test_a_refused_argument_in_an_answer_of_200_is_no_server_error() -> None:
    refused = _case("a", 200, failing="not_a_server_error")

    assert _finding(refused, _case("b", 200)).outcome is Outcome.PASS
    assert (
        _finding(_case("c", 200, failing="not_a_server_error", mode=Mode.NEGATIVE)).reason == "not-exercised"
    )


def test_an_answer_of_500_is_a_server_error() -> None:
    found = _finding(_case("a", 500, failing="not_a_server_error"), _case("b", 200))

    assert (found.outcome, found.reason) == (Outcome.FAIL, "server-error")


def test_an_answer_that_breaks_the_schema_fails_whatever_its_status() -> None:
    found = _finding(_case("a", 200, failing="response_schema_conformance"))

    assert (found.outcome, found.reason) == (Outcome.FAIL, "schema-violated")
