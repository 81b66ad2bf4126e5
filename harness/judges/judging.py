"""Finds the judges, shows each its canary, and lets them judge a record."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

import harness.judges
from harness.core.errors import HarnessFault
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.operation import Operation, Operations
from harness.core.outcome import Outcome
from harness.judges.placing import is_misplaced
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import in_order_of_recording, reached_application

#: Modules of this package that are no judge; every other one must export JUDGE.
_SUPPORT = frozenset(
    {
        "protocol",
        "judging",
        "reading",
        "curl",
        "examples",
        "texts",
        "document_schemas",
        "placing",
        "confirming",
    }
)
_SILENCE = Recorded(exchanges=(), operations=Operations(()), openapi=None, base_url="")


@cache
def judges() -> tuple[Judge, ...]:
    """Return every judge by id; raises HarnessFault for a module without one and for an id given twice."""
    names = (item.name for item in pkgutil.iter_modules(harness.judges.__path__))
    modules = (importlib.import_module(f"harness.judges.{name}") for name in names if name not in _SUPPORT)
    return collect({module.__name__: getattr(module, "JUDGE", None) for module in modules})


def collect(found: Mapping[str, Judge | None]) -> tuple[Judge, ...]:
    """Return judges by id from what modules export under the name JUDGE."""
    homes: dict[str, str] = {}
    for module, judge in found.items():
        if judge is None:
            raise HarnessFault(f"{module} exports no JUDGE", remedy="export one Judge under the name JUDGE")
        if judge.id in homes:
            raise HarnessFault(f"judge {judge.id} is in {homes[judge.id]} and in {module}")
        homes[judge.id] = module
    return tuple(sorted((judge for judge in found.values() if judge), key=lambda judge: judge.id))


def judge_all(recorded: Recorded, *, among: Iterable[Judge] | None = None) -> tuple[Finding, ...]:
    """Return what all judges find; the findings of one that fails its canary are errors.

    Answers to requests that HTTP forbids are kept from them: the server gave those, not the application.
    """
    operations = _RememberingOperations(recorded.operations.all, prefix=recorded.operations.full_prefix)
    exchanges = [item for item in recorded.exchanges if reached_application(item)]
    exchanges.sort(key=in_order_of_recording)
    seen = replace(recorded, exchanges=exchanges, operations=operations)
    calm = replace(seen, exchanges=[item for item in exchanges if not item.fault_active])
    # A document whose base path is wrong is one fault, and not one on every operation.
    operations_for_most = Operations(()) if is_misplaced(calm) else operations
    found: list[Finding] = []
    for judge in judges() if among is None else among:
        broken = canary_failure(judge)
        shown = seen if judge.sees_faults else calm
        if not judge.sees_misplaced:
            shown = replace(shown, operations=operations_for_most)
        judged = _judged(judge, shown)
        found.extend(_distrusted(finding, broken) if broken else finding for finding in judged)
    return tuple(found)


def canary_failures() -> Mapping[str, str]:
    """Return the judges that cannot tell their own good from their own bad example, and how they failed."""
    return {judge.id: broken for judge in judges() if (broken := canary_failure(judge))}


def canary_failure(judge: Judge) -> str:
    """Return how a judge fails its canary, or nothing."""
    for label, record, wanted in (("good", judge.good, Outcome.PASS), ("bad", judge.bad, Outcome.FAIL)):
        found = list(_judged(judge, record))
        for requirement in judge.requirements:
            outcomes = {item.outcome for item in found if item.requirement == requirement}
            if outcomes != {wanted}:
                said = ", ".join(sorted(outcomes)) or "nothing"
                return f"its {label} example gives {said} on {requirement}, not {wanted.value}"
    if list(_judged(judge, _SILENCE)):
        return "it finds something in an empty record"
    return ""


def _judged(judge: Judge, recorded: Recorded) -> Iterator[Finding]:
    """Judge, and turn a judge's own fault into errors: it must not pass for silence."""
    try:
        yield from list(judge.judge(recorded))
    except Exception as problem:  # noqa: BLE001 - the boundary of a check: any fault of it becomes an error
        subjects = ["target", *(item.subject for item in recorded.operations)]
        for requirement in judge.requirements:
            for subject in subjects:
                yield Finding(
                    requirement=requirement,
                    subject=subject,
                    outcome=Outcome.ERROR,
                    reason="judge-crashed",
                    layer=Layer.JUDGES,
                    producer=f"judge:{judge.id}",
                    seen=f"{type(problem).__name__}: {problem}",
                )


def _distrusted(finding: Finding, broken: str) -> Finding:
    return replace(finding, outcome=Outcome.ERROR, reason="canary-failed", seen=broken)


class _RememberingOperations(Operations):
    """Operations that remember what they found: judges ask for the same paths again and again."""

    def __init__(self, operations: Iterable[Operation], *, prefix: str) -> None:
        super().__init__(operations, prefix=prefix)
        self._found: dict[tuple[str, str], Operation | None] = {}

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation a request hit."""
        key = (method, path)
        if key not in self._found:
            self._found[key] = super().find(method, path)
        return self._found[key]
