"""How a user names a run and a finding: a folder or an id; a fingerprint or a requirement and a subject."""

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from harness.core.errors import UsageProblem
from harness.core.finding import fingerprint
from harness.core.maturity import ScoredRun
from harness.reporting.reading import Cell, cells

HOME = Path("reports")
_FINGERPRINT = re.compile(r"[0-9a-f]{4,32}")
_MOST_NAMED = 8


def run_folder(named: str, *, home: Path = HOME) -> Path:
    """Return the folder of a run named by path or id, the newest when none is named."""
    if named:
        for path in (Path(named), home / named):
            if (path / "run.json").is_file():
                return path
        raise UsageProblem(
            f"{named}: no run folder, and no run of that id in {home}",
            remedy="name a folder that `harness run` wrote",
        )
    found = sorted(path.parent for path in home.glob("*/run.json"))
    if not found:
        raise UsageProblem(
            f"no run in {home}", remedy="name one with --run, or start with `harness run TARGET`"
        )
    return found[-1]  # ids begin with the time of their start


def cells_named(scored: ScoredRun, words: Sequence[str]) -> tuple[Cell, ...]:
    """Return what `FINGERPRINT`, `REQUIREMENT` or `REQUIREMENT SUBJECT` names in a run, at least one cell."""
    name, subject = words[0], " ".join(words[1:])
    found = list(cells(scored))
    if _FINGERPRINT.fullmatch(name):
        return _by_fingerprint(name, found, scored.run.target)
    of_requirement = [cell for cell in found if cell.requirement.id == name]
    if not of_requirement:
        hint = difflib.get_close_matches(name, [cell.requirement.id for cell in found], n=1)
        raise UsageProblem(
            f"{name}: no requirement of run {scored.run.id}",
            remedy=f"did you mean {hint[0]}?" if hint else "see `harness requirements`",
        )
    if not subject:
        return tuple(of_requirement)
    exact = [cell for cell in of_requirement if cell.subject.subject == subject]
    if not exact:
        known = [cell.subject.subject for cell in of_requirement]
        raise UsageProblem(f"{name} has no subject {subject!r}", remedy=f"one of {_some(known)}")
    return tuple(exact)


def _by_fingerprint(prefix: str, found: Sequence[Cell], target: str) -> tuple[Cell, ...]:
    matching = [
        cell
        for cell in found
        if fingerprint(cell.requirement.id, cell.subject.subject, target).startswith(prefix)
    ]
    if not matching:
        raise UsageProblem(
            f"{prefix}: no finding of this run has a fingerprint that begins so",
            remedy="see findings.ndjson, or name requirement and subject",
        )
    if len(matching) > 1:
        named = [f"{cell.requirement.id} {cell.subject.subject}" for cell in matching]
        raise UsageProblem(f"{prefix} names {len(matching)} findings", remedy=f"one of {_some(named)}")
    return tuple(matching)


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return "; ".join(names[:_MOST_NAMED]) + (f"; and {rest} more" if rest > 0 else "")
