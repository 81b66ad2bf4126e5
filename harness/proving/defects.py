"""The catalogue of a target's seeded defects: what can be switched on, and which requirements it breaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.core.errors import UsageProblem
from harness.core.layer import Depth


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One row; `breaks` names one requirement, two at most, and the first is the primary one.

    `depth` is the least at which a run can see it; `is_quick` rows make up the subset of `--quick`.
    """

    id: str
    family: str
    title: str
    breaks: tuple[str, ...]
    has_twin: bool = False
    depth: Depth = Depth.QUICK
    is_quick: bool = False


_NEEDED = {"id", "family", "title", "breaks"}
_KEYS = _NEEDED | {"twin", "depth", "quick"}


def load_defects(path: Path) -> tuple[Defect, ...]:
    """Read the catalogue; raises UsageProblem that names the file and the row."""
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as problem:
        raise UsageProblem(f"{path}: {problem}") from problem
    if not isinstance(rows, list) or not rows:
        raise UsageProblem(f"{path}: not a list of defects")
    found = tuple(_defect(path, number, row) for number, row in enumerate(rows, start=1))
    names = [item.id for item in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageProblem(f"{path}: listed twice: {', '.join(twice)}")
    return found


def _defect(path: Path, number: int, row: Mapping[str, Any]) -> Defect:
    if not isinstance(row, dict) or set(row) - _KEYS or not set(row) >= _NEEDED:
        raise UsageProblem(
            f"{path}: row {number} must have id, family, title, breaks and may have twin, depth, quick"
        )
    try:
        depth = Depth(row.get("depth", Depth.QUICK.value))
    except ValueError as problem:
        raise UsageProblem(f"{path}: row {number}: {problem}") from problem
    return Defect(
        id=row["id"],
        family=row["family"],
        title=row["title"],
        breaks=tuple(row["breaks"]),
        has_twin=bool(row.get("twin", False)),
        depth=depth,
        is_quick=bool(row.get("quick", False)),
    )


def chosen(
    defects: Sequence[Defect], ids: Sequence[str], family: str = "", *, only_quick: bool = False
) -> tuple[Defect, ...]:
    """Return the defects a user named; raises UsageProblem for an unknown one, or when none is left."""
    known = {item.id for item in defects}
    if unknown := [name for name in ids if name not in known]:
        raise UsageProblem(
            f"no such defect: {', '.join(unknown)}", remedy=f"one of {', '.join(sorted(known))}"
        )
    found = tuple(
        item
        for item in defects
        if (not ids or item.id in ids)
        and (not family or item.family == family)
        and (item.is_quick or not only_quick)
    )
    if not found:
        families = ", ".join(sorted({item.family for item in defects}))
        raise UsageProblem("no defect is left by this choice", remedy=f"families: {families}")
    return found
