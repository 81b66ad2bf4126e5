"""How judges read the OpenAPI document itself, operation by operation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.judges.protocol import Recorded


def declared(found: Recorded) -> Iterator[tuple[Operation, Mapping[str, Any]]]:
    """Return each operation with its own object in the document; none where there is no document."""
    paths = (found.openapi or {}).get("paths")
    for operation in found.operations:
        item = paths.get(operation.path) if isinstance(paths, dict) else None
        raw = item.get(operation.method.lower()) if isinstance(item, dict) else None
        if isinstance(item, dict) and isinstance(raw, dict):
            shared = _list(item.get("parameters"))
            yield operation, {**raw, "parameters": [*shared, *_list(raw.get("parameters"))]}


def parameters(found: Recorded, raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return an operation's parameters, those behind references included."""
    components = (found.openapi or {}).get("components")
    shared = components.get("parameters") if isinstance(components, dict) else None
    for parameter in raw["parameters"]:
        meant = parameter
        if isinstance(parameter, dict) and "$ref" in parameter:
            name = str(parameter["$ref"]).removeprefix("#/components/parameters/")
            meant = shared.get(name) if isinstance(shared, dict) else None
        if isinstance(meant, dict):
            yield meant


def text_findings(
    judged: Iterable[tuple[Operation, Sequence[tuple[str, str]]]],
    *,
    requirement: str,
    judge: str,
    expected: str,
) -> Iterator[Finding]:
    """Return one finding per operation from its gaps, each a reason code and a sentence."""
    for operation, gaps in judged:
        yield Finding(
            requirement=requirement,
            subject=operation.subject,
            outcome=Outcome.FAIL if gaps else Outcome.PASS,
            reason=gaps[0][0] if gaps else "as-required",
            layer=Layer.JUDGES,
            producer=f"judge:{judge}",
            expected=expected,
            seen="; ".join(sentence for _, sentence in gaps),
        )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
