"""The fuzz engine: Schemathesis on the OpenAPI document and on the GraphQL endpoint, read into findings."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.plan import Plan, SkipReason
from harness.core.requirement import Profile
from harness.core.spawn import ToolEnd, log_tail
from harness.layers.fuzz.asking_again import AskingAgain
from harness.layers.fuzz.branches import without_branch_marks
from harness.layers.fuzz.canary import told_apart
from harness.layers.fuzz.graphql import GraphQLTally, find_schema, no_schema
from harness.layers.fuzz.headers import HeaderRules
from harness.layers.fuzz.report import read_report
from harness.layers.fuzz.rules import GRAPHQL_MATCH, METHODS_NAMED, RULES
from harness.layers.fuzz.showing import describe_with
from harness.layers.fuzz.tally import NOT_REACHED, Tally
from harness.layers.fuzz.tool import (
    READING_METHODS,
    Order,
    for_the_rest,
    graphql_effort,
    openapi_efforts,
    run,
)
from harness.plan.engine import Assignment, CanaryVerdict, Completion, LayerReport
from harness.target.documents import self_contained
from harness.target.instance import Instance, Session

_PRODUCED = frozenset({*(rule.requirement for rule in RULES.values()), METHODS_NAMED, GRAPHQL_MATCH})

#: What a run may take beyond its budget: loading the schema, and the last answers.
_SPARE = 15.0

#: How long failing cases are sent again, to see whether they fail again.
_SECONDS_TO_ASK_AGAIN = 30.0

#: Roles in the order in which fuzzing would rather act: who may do more reaches more of the target.
_ROLES = ("admin", "operator", "user")

_NO_DOCUMENT = "the target declares neither OpenAPI nor GraphQL"
_WORST_FIRST = (
    Completion.INTERRUPTED,
    Completion.TIMED_OUT,
    Completion.CRASHED,
    Completion.NOTHING_RAN,
    Completion.COMPLETED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """How a run of Schemathesis went."""

    completion: Completion
    detail: str
    cases: int
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A run of Schemathesis that is over: its report, which may not be there, and how it ended."""

    kind: str
    report: Path
    end: ToolEnd
    log: Path


class FuzzEngine:
    """Implements harness.plan.engine.Engine."""

    layer = Layer.FUZZ

    def produces(self, profile: str) -> frozenset[str]:
        """Return the requirements it can judge: it needs only the document, so every profile has them."""
        Profile(profile)
        return _PRODUCED

    def idle_reason(self, instance: Instance) -> str:
        """Without a document there is nothing to draw cases from."""
        has_document = instance.openapi_document is not None or bool(instance.target.graphql)
        return "" if has_document else _NO_DOCUMENT

    def canary(self, scratch: Path) -> CanaryVerdict:
        """Fuzz a good and a bad service for a second each."""
        return told_apart(scratch)

    def run(self, assignment: Assignment) -> LayerReport:
        """Fuzz what the target declares; findings are emitted as REST and GraphQL end."""
        instance = assignment.instance
        parts: list[_Part] = []
        if instance.openapi_document is not None:
            parts.append(_fuzz_openapi(assignment, instance.openapi_document))
        if instance.target.graphql and not _is_cut_short(parts):
            parts.append(_fuzz_graphql(assignment))
        if not parts:
            return LayerReport(completion=Completion.NOTHING_RAN, detail=_NO_DOCUMENT)
        whole = _worst(parts)
        return LayerReport(completion=whole.completion, detail=whole.detail, counts={"cases": whole.cases})


ENGINE = FuzzEngine()


def _is_cut_short(parts: Iterable[_Part]) -> bool:
    return any(part.completion is Completion.INTERRUPTED for part in parts)


def _fuzz_openapi(assignment: Assignment, document: Mapping[str, Any]) -> _Part:
    instance = assignment.instance
    session = session_to_act_as(instance)
    # The tool must contact nobody for the rest of the document.
    document = without_branch_marks(self_contained(document))
    schema = _written(document, assignment.scratch / "openapi.json")
    tally = Tally(instance.operations, HeaderRules(document))
    efforts = openapi_efforts(assignment.depth, assignment.seconds, operations=len(instance.operations.all))
    orders = [
        Order(
            schema=schema,
            url=instance.base_url.rstrip("/") + instance.operations.prefix,
            seed=assignment.seed,
            effort=effort,
            reads_only=not instance.target.consent.writes,
            headers=session.headers if session else {},
            excluded_names=untouchable(instance),
            excluded_paths=("^/_control", *_never_patterns(instance)),
            included_methods=() if instance.target.consent.writes else READING_METHODS,
            respects_limits=not instance.target.is_launched,
        )
        for effort in efforts
    ]
    run_all = _side_by_side if instance.target.is_launched else _in_turn
    parts = run_all(assignment, orders, tally)
    again = AskingAgain(session.headers if session else {}, document, seconds=_SECONDS_TO_ASK_AGAIN)
    shown = describe_with(assignment.exchanges, assignment.redactor.text)
    describe = replace(shown, again=again, alike=again.refused_without_methods)
    findings = tally.findings(has_identity=session is not None, describe=describe)
    _emit(
        assignment,
        (_explained(item, instance) for item in findings if not is_excluded(item.subject, instance)),
    )
    return _worst(parts)


def _fuzz_graphql(assignment: Assignment) -> _Part:
    instance = assignment.instance
    target = instance.target
    session = session_to_act_as(instance)
    headers = session.headers if session else {}
    url = instance.base_url.rstrip("/") + target.graphql
    source = find_schema(url, target.graphql_schema, headers, assignment.scratch)
    if source.file is None:
        planned = tuple(
            item.subject for item in assignment.plan.subjects if item.requirement == GRAPHQL_MATCH
        )
        _emit(assignment, no_schema(planned, source.problem))
        return _Part(completion=Completion.COMPLETED, detail=f"GraphQL: {source.problem}", cases=0)
    order = Order(
        schema=source.file,
        url=url,
        seed=assignment.seed,
        effort=graphql_effort(assignment.depth, assignment.seconds),
        reads_only=not target.consent.writes,
        headers=headers,
        excluded_names=target.never,
        included_names="" if target.consent.writes else rf"^{source.query_type}\.",
        respects_limits=not target.is_launched,
    )
    tally = GraphQLTally(source.fields)
    part = _read(_send(assignment, order, "GraphQL"), tally)
    again = AskingAgain(headers, {}, seconds=_SECONDS_TO_ASK_AGAIN)
    shown = describe_with(assignment.exchanges, assignment.redactor.text)
    describe = replace(shown, alike=again.answered_alike)
    _emit(assignment, tally.findings(operations=instance.operations, path=target.graphql, describe=describe))
    return part


def _side_by_side(assignment: Assignment, orders: Sequence[Order], tally: Tally) -> list[_Part]:
    """Run all at once on a target of our own; what coverage had no time for gets a run for itself."""
    with ThreadPoolExecutor(len(orders), thread_name_prefix="fuzz") as pool:
        sent = list(pool.map(lambda order: _send(assignment, order, "OpenAPI"), orders))
    parts = [_read(one, tally) for one in sent]
    if parts[0].is_late and len(orders) > 1 and not _is_cut_short(parts):
        rest = for_the_rest(orders[-1], tally.unreached, assignment.seconds)
        rest = replace(rest, effort=replace(rest.effort, name="rest"))
        parts.append(_read(_send(assignment, rest, "OpenAPI"), tally))
    return parts


def _in_turn(assignment: Assignment, orders: Sequence[Order], tally: Tally) -> list[_Part]:
    """Run one after the other, as a deployment deserves; what had no time is what the next one is for."""
    parts: list[_Part] = []
    for planned in orders:
        is_left = bool(parts) and parts[-1].is_late
        order = for_the_rest(planned, tally.unreached, assignment.seconds) if is_left else planned
        parts.append(_read(_send(assignment, order, "OpenAPI"), tally))
        if _is_cut_short(parts):
            break
    return parts


def _send(assignment: Assignment, order: Order, kind: str) -> _Sent:
    """Run Schemathesis once."""
    name = order.effort.name
    log = assignment.logs / f"fuzz-{name}.log"
    assignment.progress(f"{kind} {name}, at most {order.effort.seconds} s")
    report, end = run(
        order,
        assignment.scratch / name,
        seconds=order.effort.seconds + (_SPARE if order.effort.shares_time else 0.0),
        log=log,
        redact=assignment.redactor.bytes,
    )
    return _Sent(kind=f"{kind} {name}", report=report, end=end, log=log)


def _read(sent: _Sent, tally: Tally | GraphQLTally) -> _Part:
    """Count the report of a run."""
    cases, answered = tally.cases, tally.answered
    tally.stop_reason = None
    for event in read_report(sent.report):
        tally.read(event)
    return _account(
        sent.kind,
        tally.stop_reason,
        sent.end,
        sent.log,
        cases=tally.cases - cases,
        answered=tally.answered - answered,
    )


def _written(document: Mapping[str, Any], path: Path) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _emit(assignment: Assignment, findings: Iterator[Finding]) -> None:
    wanted = _wanted(assignment.plan)
    for finding in findings:
        if (finding.requirement, finding.subject) in wanted:
            assignment.emit(finding)


def _wanted(plan: Plan) -> frozenset[tuple[str, str]]:
    return frozenset(
        (item.requirement, item.subject)
        for item in plan.subjects
        if item.skip is None and not item.not_applicable
    )


def _account(
    kind: str, stop_reason: str | None, end: ToolEnd, log: Path, *, cases: int, answered: int
) -> _Part:
    """Say how a run went from its own last event; the exit code is never asked.

    A run whose time was over and that then closed its report has measured what it sent; one that got no
    answer by then, or did not come to its last event, is another thing.
    """
    completion, detail, is_late = Completion.COMPLETED, "", False
    if end.interrupted or (stop_reason == "interrupted" and not end.timed_out):
        completion, detail = Completion.INTERRUPTED, f"{kind}: interrupted after {cases} cases"
    elif end.timed_out and stop_reason == "interrupted" and answered:
        detail, is_late = f"{kind}: out of time after {cases} cases", True
    elif end.timed_out:
        completion, detail = Completion.TIMED_OUT, f"{kind}: stopped after {end.seconds:.0f} s"
    elif stop_reason is None:
        completion = Completion.CRASHED
        detail = f"{kind}: Schemathesis ended without its last event. {log_tail(log, 3)}".strip()
    elif stop_reason == "server_unavailable":
        completion = Completion.CRASHED
        detail = f"{kind}: the target stopped answering after {cases} cases"
    elif not answered:
        completion = Completion.NOTHING_RAN
        detail = f"{kind}: {cases} cases were sent and none was answered"
    return _Part(completion=completion, detail=detail, cases=cases, is_late=is_late)


def _worst(parts: Sequence[_Part]) -> _Part:
    """Join the runs: the worst end counts; one that had nothing to send does not hurt another."""
    sent = [part for part in parts if part.completion is not Completion.NOTHING_RAN] or parts
    worst = min(sent, key=lambda part: _WORST_FIRST.index(part.completion))
    return _Part(
        completion=worst.completion,
        detail="; ".join(part.detail for part in sent if part.detail),
        cases=sum(part.cases for part in parts),
    )


def session_to_act_as(instance: Instance) -> Session | None:
    """Return the identity that reaches most of the target, or None when there is none."""
    sessions = list(instance.sessions.values())
    ranked = sorted(
        sessions, key=lambda item: _ROLES.index(item.role) if item.role in _ROLES else len(_ROLES)
    )
    return ranked[0] if ranked else None


def _explained(finding: Finding, instance: Instance) -> Finding:
    """Give the true reason for an operation that was not reached because we may not write."""
    reads = finding.subject.partition(" ")[0] in READING_METHODS
    if finding.reason != NOT_REACHED or reads or instance.target.consent.writes:
        return finding
    return replace(
        finding,
        reason=SkipReason.NO_CONSENT_WRITES.value,
        seen=f"Without consent to writes only {', '.join(READING_METHODS)} are sent.",
    )


def is_excluded(subject: str, instance: Instance) -> bool:
    """Whether an operation was left out on purpose; of such a one there is nothing to say."""
    path = subject.partition(" ")[2]
    return subject in untouchable(instance) or any(re.match(item, path) for item in _never_patterns(instance))


def _never_patterns(instance: Instance) -> tuple[str, ...]:
    """Return patterns for the paths among the operations that are never sent; `*` stands for anything."""
    paths = (item for item in instance.target.never if item.startswith("/"))
    return tuple(f"^{re.escape(path).replace(re.escape('*'), '.*')}$" for path in paths)


def untouchable(instance: Instance) -> tuple[str, ...]:
    """Return the operations that are never sent: those the target names, and deletes of what is not ours.

    A launched target is thrown away afterwards; on any other a delete has to be named in the consent.
    """
    target = instance.target
    never = {item for item in target.never if not item.startswith("/")}
    if not target.is_launched:
        named = set(target.consent.destructive)
        never |= {
            item.subject
            for item in instance.operations
            if item.method == "DELETE" and item.subject not in named
        }
    return tuple(sorted(never))
