"""Judges that each operation documents how it refuses: client errors with bodies, 401 where it is secured.

What was recorded is heard, too: an error that never has a body needs none in the document, and of an
operation that refused nothing at all it is not known whether there is an error to document.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.examples import JSON, PROBLEM, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import has_body, operation_answers
from harness.judges.texts import declared, text_findings

_ID = "documented-errors"
_REQUIREMENT = "docs.errors-documented"
_NO_ERROR = "no-client-error"

#: So many answers, none of them an error, leave it open whether the operation has an error at all.
_MANY = 8

_DOCUMENT = {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": {}}}}


@dataclass(slots=True)
class _Answers:
    """What an operation was seen to answer: how often with each status, and which of them with a body."""

    statuses: Counter[int] = field(default_factory=Counter)
    with_body: set[int] = field(default_factory=set)

    @property
    def refused_nothing(self) -> bool:
        """Whether it was asked often, and not once refused or failed."""
        return self.statuses.total() >= _MANY and all(status < 400 for status in self.statuses)

    def is_always_empty(self, status: str) -> bool:
        """Whether a documented status was seen, and never with a body."""
        return status.isdecimal() and int(status) in self.statuses and int(status) not in self.with_body


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation that the document declares."""
    seen = _answers(found)
    judged = [(each, tuple(_gaps(each, seen[each.subject]))) for each, _ in declared(found)]
    expected = "client errors are documented with a media type, and 401 where credentials are needed"
    for finding in text_findings(judged, requirement=_REQUIREMENT, judge=_ID, expected=expected):
        answers = seen[finding.subject]
        yield _left_open(finding, answers) if answers.refused_nothing else finding


def _left_open(finding: Finding, answers: _Answers) -> Finding:
    if finding.outcome is not Outcome.FAIL or finding.reason != _NO_ERROR:
        return finding
    said = f"{finding.seen}; none of {answers.statuses.total()} answers was an error"
    return replace(finding, outcome=Outcome.INCONCLUSIVE, reason="refuses-nothing", seen=said)


def _answers(found: Recorded) -> dict[str, _Answers]:
    seen = {operation.subject: _Answers() for operation in found.operations}
    for operation, item, response in operation_answers(found):
        answers = seen[operation.subject]
        answers.statuses[response.status] += 1
        if has_body(item, response):
            answers.with_body.add(response.status)
    return seen


def _gaps(operation: Operation, seen: _Answers) -> Iterator[tuple[str, str]]:
    errors = {
        status: types
        for status, types in operation.responses.items()
        if status.startswith("4") or status == "default"
    }
    if not errors and not (operation.takes_input or operation.is_secured):
        return  # there is nothing that its caller can get wrong
    if not errors:
        yield _NO_ERROR, f"only {', '.join(sorted(operation.responses)) or 'nothing'} is documented"
        return
    if bare := sorted(
        status for status, types in errors.items() if not types and not seen.is_always_empty(status)
    ):
        yield "error-without-body", f"no body is documented for {', '.join(bare)}"
    if operation.is_secured and not {"401", "4XX", "default"} & set(errors):
        yield "no-unauthorized", "it needs credentials and 401 is not documented"


JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(operations=[item_operation(s200=(JSON,), s404=(PROBLEM,))], openapi=_DOCUMENT),
    bad=recorded(operations=[replace(item_operation(s200=(JSON,)), takes_input=True)], openapi=_DOCUMENT),
)
