"""Judges that each operation documents how it refuses: client errors with bodies, 401 where it is secured."""

from collections.abc import Iterator
from dataclasses import replace

from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.judges.examples import JSON, PROBLEM, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.texts import declared, text_findings

_ID = "documented-errors"
_REQUIREMENT = "docs.errors-documented"
_DOCUMENT = {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": {}}}}


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation that the document declares."""
    yield from text_findings(
        ((operation, tuple(_gaps(operation))) for operation, _ in declared(found)),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="client errors are documented with a media type, and 401 where credentials are needed",
    )


def _gaps(operation: Operation) -> Iterator[tuple[str, str]]:
    errors = {
        status: types
        for status, types in operation.responses.items()
        if status.startswith("4") or status == "default"
    }
    if not errors and not (operation.takes_input or operation.is_secured):
        return  # there is nothing that its caller can get wrong
    if not errors:
        yield "no-client-error", f"only {', '.join(sorted(operation.responses)) or 'nothing'} is documented"
        return
    if bare := sorted(status for status, types in errors.items() if not types):
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
