"""The scenarios layer's canary: the real tool on a service that holds and on one that does not."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.core.outcome import Outcome
from harness.core.spawn import run_tool
from harness.layers.scenarios import canary_pack
from harness.layers.scenarios.context import ScenarioContext, write_context
from harness.layers.scenarios.tool import Session, is_end, write_configuration
from harness.plan.engine import CanaryVerdict
from harness.target.canary_service import Variant, canary_service

_SECONDS = 30.0
_SILENT = {"canary.cannot-judge": Outcome.INCONCLUSIVE}
_EXPECTED: Mapping[Variant, Mapping[str, Outcome]] = {
    "good": {"canary.secret-is-kept": Outcome.PASS, "canary.item-is-there": Outcome.PASS, **_SILENT},
    "bad": {"canary.secret-is-kept": Outcome.FAIL, "canary.item-is-there": Outcome.FAIL, **_SILENT},
}


def told_apart(scratch: Path) -> CanaryVerdict:
    """Play the pack on both variants side by side and compare every outcome with the one it must have."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        seen = dict(zip(_EXPECTED, pool.map(lambda each: _outcomes(each, scratch), _EXPECTED), strict=True))
    return CanaryVerdict(
        told_apart=seen == _EXPECTED,
        detail="; ".join(f"{variant}: {_counted(outcomes)}" for variant, outcomes in seen.items()),
    )


def _outcomes(variant: Variant, scratch: Path) -> Mapping[str, Outcome]:
    folder = scratch / f"scenarios-{variant}"
    folder.mkdir()
    session = Session(
        configuration=folder / "pytest.ini",
        context=folder / "context.json",
        findings=folder / "findings.ndjson",
        packs=(Path(next(iter(canary_pack.__path__))),),
    )
    write_configuration(session.configuration, seconds=_SECONDS)
    with canary_service(variant, folder) as url:
        write_context(ScenarioContext(target="canary", base_url=url, direct_url=url), session.context)
        run_tool(
            session.command(),
            seconds=_SECONDS,
            log=folder / "pytest.log",
            name=f"canary scenarios ({variant})",
            cwd=folder,
            redact=lambda line: line,
        )
    if not session.findings.exists():
        return {}
    records = (json.loads(line) for line in session.findings.read_text(encoding="utf-8").splitlines())
    return {each["requirement"]: Outcome(each["outcome"]) for each in records if not is_end(each)}


def _counted(outcomes: Mapping[str, Outcome]) -> str:
    seen = tuple(outcomes.values())
    return ", ".join(f"{seen.count(each)} {each}" for each in Outcome if each in seen) or "nothing judged"
