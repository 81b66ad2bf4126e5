"""The fuzz layer's canary: the real tool on a service that keeps its document and on one that does not."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.core.outcome import Outcome
from harness.layers.fuzz.report import read_report
from harness.layers.fuzz.rules import AUTH_ENFORCED, NO_SERVER_ERRORS
from harness.layers.fuzz.tally import Describe, Tally
from harness.layers.fuzz.tool import Effort, Order, run
from harness.plan.engine import CanaryVerdict
from harness.target.canary_service import TOKEN, Variant, canary_service, document
from harness.target.openapi import read_openapi

_EFFORT = Effort(name="canary", seconds=5, phases=("coverage",), methods=("OPTIONS",))
_SECONDS = 30.0
_WATCHED = frozenset(
    {(NO_SERVER_ERRORS, "GET /items/{id}"), (NO_SERVER_ERRORS, "GET /secret"), (AUTH_ENFORCED, "GET /secret")}
)
_BROKEN = frozenset({(NO_SERVER_ERRORS, "GET /items/{id}"), (AUTH_ENFORCED, "GET /secret")})
_SILENT = Describe(exchanges=lambda _case: (), reproduction=lambda _case: "")


def told_apart(scratch: Path) -> CanaryVerdict:
    """Fuzz both variants side by side; the good one must pass, the bad one fail, where each is known to."""
    variants: tuple[Variant, Variant] = ("good", "bad")
    with ThreadPoolExecutor(max_workers=2) as pool:
        good, bad = pool.map(lambda variant: _outcomes(variant, scratch), variants)
    passed = {cell for cell, outcome in good.items() if outcome is Outcome.PASS}
    failed = {cell for cell, outcome in bad.items() if outcome is Outcome.FAIL}
    told = passed == _WATCHED and failed == _BROKEN
    return CanaryVerdict(
        told_apart=told,
        detail=f"good: {len(passed)} of {len(_WATCHED)} held; bad: {len(failed)} of {len(_BROKEN)} found",
    )


def _outcomes(variant: Variant, scratch: Path) -> dict[tuple[str, str], Outcome]:
    schema = scratch / f"canary-{variant}.json"
    schema.write_text(json.dumps(document()), encoding="utf-8")
    tally = Tally(read_openapi(schema.read_bytes()).operations)
    with canary_service(variant, scratch) as url:
        order = Order(
            schema=schema,
            url=url,
            seed=1,
            effort=_EFFORT,
            reads_only=False,
            headers={"Authorization": f"Bearer {TOKEN}"},
        )
        report, _ = run(
            order,
            scratch / f"fuzz-{variant}",
            seconds=_SECONDS,
            log=scratch / f"fuzz-{variant}.log",
            redact=lambda line: line,
        )
    for event in read_report(report):
        tally.read(event)
    return {
        (finding.requirement, finding.subject): finding.outcome
        for finding in tally.findings(has_identity=True, describe=_SILENT)
        if (finding.requirement, finding.subject) in _WATCHED
    }
