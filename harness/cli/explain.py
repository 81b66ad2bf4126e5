"""`harness explain FINDING|REQUIREMENT`: what was wanted, what was seen, how to mend it, how it is proven."""

import argparse
import shutil
from collections.abc import Iterable
from typing import TYPE_CHECKING

from harness.cli.command import Command
from harness.core.errors import UsageProblem

if TYPE_CHECKING:
    from harness.core.maturity import ScoredRun
    from harness.reporting.reading import Cell

_MOST_TOLD = 3


def add_finding(parser: argparse.ArgumentParser) -> None:
    """Declare how a finding is named, the same for every command."""
    parser.add_argument(
        "finding", metavar="FINDING", nargs="+",
        help="a fingerprint (its beginning is enough), or a requirement and a subject",
    )  # fmt: skip
    parser.add_argument(
        "--run", metavar="RUN", dest="run_folder", default="",
        help="a run folder or the id of one (default: the newest in reports/)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Explain from a run, or a requirement from the catalogue where there is no run."""
    from harness.core.errors import UsageProblem  # noqa: PLC0415 - heavy imports inside the command
    from harness.runner.finish import load_scored  # noqa: PLC0415
    from harness.runner.naming import cells_named, run_folder  # noqa: PLC0415

    try:
        folder = run_folder(options.run_folder)
    except UsageProblem:
        if options.run_folder or len(options.finding) > 1:
            raise
        _print(_from_catalogue(options.finding[0]))
        return 0
    scored = load_scored(folder)
    _print(_from_run(cells_named(scored, options.finding), scored))
    return 0


def _from_catalogue(name: str) -> Iterable[str]:
    from harness.catalogue.rubric import load_rubric  # noqa: PLC0415
    from harness.reporting.explaining import explained_requirement  # noqa: PLC0415

    for item in load_rubric().requirements:
        if item.id == name:
            return explained_requirement(item, proof=_proof(name, {}))
    raise UsageProblem(f"{name}: no such requirement, and there is no run to find it in")


def _from_run(named: "tuple[Cell, ...]", scored: "ScoredRun") -> Iterable[str]:
    from harness.core.outcome import Outcome  # noqa: PLC0415
    from harness.reporting.explaining import explained_cell, explained_requirement  # noqa: PLC0415

    requirement = named[0].requirement
    proven = scored.run.detection.get("requirements", {})
    yield from explained_requirement(requirement, proof=_proof(requirement.id, proven))
    width = shutil.get_terminal_size((120, 40)).columns
    order = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS, Outcome.NOT_APPLICABLE)
    worst = sorted(named, key=lambda cell: order.index(cell.subject.outcome))
    for cell in worst[:_MOST_TOLD]:
        yield ""
        yield from explained_cell(cell, scored, width=width)
    if len(worst) > _MOST_TOLD:
        yield ""
        yield f"{len(worst) - _MOST_TOLD} more subjects:"
        yield from (
            f"  {item.subject.outcome.value:14} {item.subject.subject}" for item in worst[_MOST_TOLD:]
        )


def _proof(requirement: str, proven: object) -> str:
    from harness.core.resources import resource  # noqa: PLC0415
    from harness.proving.defects import load_defects  # noqa: PLC0415

    seeded = [
        item.id for item in load_defects(resource("contracts/defects.yaml")) if requirement in item.breaks
    ]
    row = proven.get(requirement) if isinstance(proven, dict) else None
    if row:
        return f"its check caught {row['caught']} of {row['defects']} seeded defects: {', '.join(seeded)}"
    if seeded:
        return f"seeded defects try it: {', '.join(seeded)} (not yet in the published matrix)"
    return "no seeded defect has tried its check; its canary has"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


COMMAND = Command(
    name="explain", summary="explain a finding or a requirement", arguments=add_finding, run=run
)
