"""Flags into types: what was chosen, and the gates the run must hold."""

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.core.area import Area, Level
from harness.core.errors import UsageProblem
from harness.core.layer import Depth, Layer
from harness.core.run import Gates
from harness.plan.planner import Choice

OVERALL = "overall"


def choice_of(options: argparse.Namespace) -> Choice:
    """Return what the user chose of the target."""
    return Choice(
        depth=Depth(options.depth),
        seed=options.seed or 0,
        layers=tuple(Layer(name) for name in options.layer),
        select=tuple(options.select),
        ignore=tuple(options.ignore),
    )


def gates_of(options: argparse.Namespace) -> Gates:
    """Return the gates; raises UsageProblem for a value that means nothing."""
    if options.min_level and options.min_level not in tuple(Level):
        raise UsageProblem(
            f"--min-level {options.min_level}: no such level", remedy=f"one of {', '.join(Level)}"
        )
    return Gates(
        fail_under=_limits(options.fail_under),
        min_level=options.min_level,
        fail_on_inconclusive=options.fail_on == "inconclusive",
        expected_failures=_expected(options.expected_failures) if options.expected_failures else {},
    )


def _limits(values: Sequence[str]) -> Mapping[str, float]:
    limits: dict[str, float] = {}
    for value in values:
        area, _, number = value.rpartition("=")
        name = area or OVERALL
        if name not in {*Area, OVERALL}:
            raise UsageProblem(f"--fail-under {value}: no such area", remedy=f"one of {', '.join(Area)}")
        try:
            limits[name] = float(number)
        except ValueError:
            raise UsageProblem(f"--fail-under {value}: not a number", remedy="e.g. security=8.5") from None
    return limits


def _expected(path: Path) -> Mapping[str, str]:
    """Read `[[expected]]` tables with requirement, subject, owner, reason and expires."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("expected", [])
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise UsageProblem(f"{path}: {problem}", remedy="a TOML file of [[expected]] tables") from problem
    known: dict[str, str] = {}
    for number, table in enumerate(tables, start=1):
        missing = [key for key in ("requirement", "subject", "owner", "reason") if not table.get(key)]
        if missing:
            raise UsageProblem(f"{path}: expected table {number} has no {', '.join(missing)}")
        known[f"{table['requirement']} {table['subject']}"] = f"{table['reason']} ({table['owner']})"
    return known
