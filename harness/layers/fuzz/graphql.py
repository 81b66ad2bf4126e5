"""The GraphQL side: where the schema comes from, and what Schemathesis' answers say about each field."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    build_schema,
    get_introspection_query,
    print_schema,
)

from harness.core.confirmation import doubted
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operations
from harness.core.outcome import Outcome
from harness.layers.fuzz.report import (
    CheckResult,
    CheckStatus,
    Event,
    Finished,
    Mode,
    Scenario,
    SentCase,
    ToolTrouble,
)
from harness.layers.fuzz.rules import GRAPHQL_MATCH, NO_SERVER_ERRORS
from harness.layers.fuzz.tally import PRODUCER, Describe

_EXPECTED = "Every answer has the shape that the schema promises for the field."


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLSource:
    """The schema as a file for Schemathesis, with its fields; `problem` says why there is none."""

    file: Path | None = None
    fields: tuple[str, ...] = ()
    query_type: str = "Query"
    problem: str = ""


def find_schema(url: str, schema_file: str, headers: Mapping[str, str], directory: Path) -> GraphQLSource:
    """Read the SDL file when the target names one, else ask the endpoint to introspect itself."""
    try:
        schema = (
            build_schema(Path(schema_file).read_text(encoding="utf-8"))
            if schema_file
            else _introspect(url, headers)
        )
    except (OSError, ValueError, TypeError, GraphQLError, httpx.HTTPError) as problem:
        return GraphQLSource(problem=" ".join(str(problem).split())[:300])
    file = directory / "schema.graphql"
    file.write_text(print_schema(schema), encoding="utf-8")
    return GraphQLSource(
        file=file,
        fields=tuple(_fields(schema)),
        query_type=schema.query_type.name if schema.query_type else "Query",
    )


def _introspect(url: str, headers: Mapping[str, str]) -> GraphQLSchema:
    answer = httpx.post(url, json={"query": get_introspection_query()}, headers=dict(headers), timeout=10.0)
    content = answer.json()
    if not isinstance(content, dict) or not content.get("data"):
        raise ValueError(f"introspection answered {answer.status_code} without a schema")
    return build_client_schema(content["data"])


def _fields(schema: GraphQLSchema) -> Iterator[str]:
    roots: tuple[GraphQLObjectType | None, ...] = (schema.query_type, schema.mutation_type)
    for root in roots:
        for name in root.fields if root else ():
            yield f"{root.name}.{name}" if root else name


@dataclass(slots=True)
class _FieldTally:
    answers: int = 0
    executed: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    violations: list[tuple[CheckResult, SentCase]] = field(default_factory=list)
    server_errors: list[tuple[CheckResult, SentCase]] = field(default_factory=list)


class GraphQLTally:
    """Reads the events of a GraphQL report; a field's answers count when the query was really executed."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self._fields = {name: _FieldTally() for name in fields}
        self.cases = 0
        self.answered = 0
        self.stop_reason: str | None = None
        self.troubles: list[ToolTrouble] = []

    def read(self, event: Event) -> None:
        """Count one event."""
        match event:
            case Scenario():
                for case in event.cases:
                    self._read_case(case)
            case ToolTrouble():
                self.troubles.append(event)
            case Finished():
                self.stop_reason = event.stop_reason

    def _read_case(self, case: SentCase) -> None:
        self.cases += 1
        self.answered += case.status is not None
        tally = self._fields.get(case.label)
        if tally is None or case.status is None:
            return
        tally.answers += 1
        tally.statuses[case.status] += 1
        checks = {check.name: check for check in case.checks}
        schema, server = checks.get("response_schema_conformance"), checks.get("not_a_server_error")
        if schema is not None and schema.status is CheckStatus.FAILURE:
            tally.violations.append((schema, case))
        # GraphQL refuses an argument by an error in an answer of 200: only HTTP says that a server broke.
        if server is not None and server.status is CheckStatus.FAILURE and case.status >= 500:
            tally.server_errors.append((server, case))
        is_taken = case.mode is Mode.POSITIVE and 200 <= case.status < 300
        if is_taken and schema is not None and schema.status is CheckStatus.SUCCESS:
            tally.executed += 1

    def findings(self, *, operations: Operations, path: str, describe: Describe) -> Iterator[Finding]:
        """Yield one finding per field, and one about server errors on the endpoint."""
        endpoint = next((item for item in operations if item.method == "POST" and item.path == path), None)
        for name, tally in self._fields.items():
            yield _field_finding(name, tally, describe, counts_server_errors=endpoint is None)
        failing = [item for tally in self._fields.values() for item in tally.server_errors]
        if endpoint is not None and failing:
            yield _failure(NO_SERVER_ERRORS, endpoint.subject, "server-error", failing, describe)


def _field_finding(
    name: str, tally: _FieldTally, describe: Describe, *, counts_server_errors: bool
) -> Finding:
    if tally.violations:
        return _failure(GRAPHQL_MATCH, name, "schema-violated", tally.violations, describe)
    if counts_server_errors and tally.server_errors:
        return _failure(GRAPHQL_MATCH, name, "server-error", tally.server_errors, describe)
    if tally.executed:
        return _about(
            name, Outcome.PASS, "held", f"{tally.executed} executed queries answered by the schema."
        )
    if set(tally.statuses) == {401}:
        return _about(name, Outcome.INCONCLUSIVE, "dead-credential", f"{tally.answers} answers, all 401.")
    if not tally.answers:
        return _about(name, Outcome.INCONCLUSIVE, "not-reached", "No query for the field in the time given.")
    return _about(
        name, Outcome.INCONCLUSIVE, "not-exercised", f"{tally.answers} answers, none from an executed query."
    )


def _about(subject: str, outcome: Outcome, reason: str, seen: str) -> Finding:
    return Finding(
        requirement=GRAPHQL_MATCH,
        subject=subject,
        outcome=outcome,
        reason=reason,
        layer=Layer.FUZZ,
        producer=PRODUCER,
        expected=_EXPECTED,
        seen=seen,
    )


def no_schema(fields: tuple[str, ...], problem: str) -> Iterator[Finding]:
    """Yield what there is to say about planned fields when no schema could be had."""
    for name in fields:
        yield _about(name, Outcome.INCONCLUSIVE, "no-schema", problem)


def _failure(
    requirement: str,
    subject: str,
    reason: str,
    failing: list[tuple[CheckResult, SentCase]],
    describe: Describe,
) -> Finding:
    check, case = min(
        failing, key=lambda item: (len(item[1].request.body) if item[1].request else 0, item[1].id)
    )
    message = " ".join(check.message.split())[:400]
    finding = Finding(
        requirement=requirement,
        subject=subject,
        outcome=Outcome.FAIL,
        reason=reason,
        layer=Layer.FUZZ,
        producer=PRODUCER,
        expected=_EXPECTED if requirement == GRAPHQL_MATCH else "No request brings on a server error.",
        seen=f"{check.title} [{check.code}], answer {case.status}: {message} ({len(failing)} cases)",
        attempts=len(failing),
        exchanges=describe.exchanges(case),
        reproduction=describe.reproduction(case),
    )
    instead = describe.alike(case)
    return doubted(finding, instead) if instead else finding
