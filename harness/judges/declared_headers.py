"""Judges that the response headers and links which the document declares are really sent."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.finding import Finding
from harness.judges.document_schemas import resolved, response_of
from harness.judges.examples import exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, operation_answers

_ID = "declared-headers"
_REQUIREMENT = "api.declared-headers-sent"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation that answered under a status that declares headers."""
    if found.openapi is not None:
        yield from findings(
            _observations(found, found.openapi),
            requirement=_REQUIREMENT,
            judge=_ID,
            expected="an answer carries the headers that the document declares as required for its status",
            base_url=found.base_url,
        )


def _observations(found: Recorded, document: Mapping[str, Any]) -> Iterator[Observation]:
    for operation, item, response in operation_answers(found):
        declared = response_of(document, operation.path, operation.method, response.status)
        headers = declared.get("headers")
        required = [
            name
            for name, header in (headers.items() if isinstance(headers, dict) else ())
            if resolved(document, header).get("required") is True
        ]
        if required:
            missing = [name for name in required if response.header(name) is None]
            yield Observation(
                subject="target",
                exchange=item,
                flaw="header-missing" if missing else "",
                seen=f"{operation.subject} answered {response.status} without {', '.join(missing)}"
                if missing
                else "",
            )


_ANSWER = {
    "description": "An item.",
    "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
}
_DOCUMENT = {"openapi": "3.1.0", "paths": {"/items/{id}": {"get": {"responses": {"200": _ANSWER}}}}}

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(
        exchange(200, "{}", headers={"ETag": '"1"'}), operations=[item_operation()], openapi=_DOCUMENT
    ),
    bad=recorded(exchange(200, "{}"), operations=[item_operation()], openapi=_DOCUMENT),
)
