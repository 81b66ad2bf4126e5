"""Judges that each operation of the OpenAPI document says what it does and what its parameters mean."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.finding import Finding
from harness.judges.examples import item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.texts import declared, parameters, text_findings

_ID = "described-operations"
_REQUIREMENT = "docs.operations-described"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation that the document declares."""
    yield from text_findings(
        ((operation, tuple(_gaps(found, raw))) for operation, raw in declared(found)),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="an operationId, a summary or description, and a description of each parameter",
    )


def _gaps(found: Recorded, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not raw.get("operationId"):
        yield "operation-id-missing", "no operationId"
    if not any(str(raw.get(name) or "").strip() for name in ("summary", "description")):
        yield "description-missing", "neither summary nor description"
    for parameter in parameters(found, raw):
        schema = parameter.get("schema")
        texts = [parameter.get("description"), schema.get("description") if isinstance(schema, dict) else ""]
        if not any(str(text or "").strip() for text in texts):
            yield "parameter-undescribed", f"parameter {parameter.get('name')} has no description"


_SUMMARISED = {"operationId": "getItem", "summary": "Read one item."}
_NAMED = {"operationId": "getItem"}

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(
        operations=[item_operation()],
        openapi={"openapi": "3.1.0", "paths": {"/items/{id}": {"get": _SUMMARISED}}},
    ),
    bad=recorded(
        operations=[item_operation()],
        openapi={"openapi": "3.1.0", "paths": {"/items/{id}": {"get": _NAMED}}},
    ),
)
