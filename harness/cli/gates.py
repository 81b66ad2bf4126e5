"""The gates of a run as flags: what it must hold to end with 0."""

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from harness.core.area import Area, Level
from harness.core.errors import UsageProblem
from harness.core.gates import Gates
from harness.core.severity import Severity

OVERALL = "overall"
_KEYS = ("requirement", "subject", "owner", "reason", "expires")


def add_gates(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument(
        "--fail-under", metavar="[AREA=]X", action="append", default=[], help="gate on a lower bound, 0-10"
    )
    parser.add_argument("--min-level", metavar="LEVEL", default="", help="gate on the overall level")
    parser.add_argument(
        "--fail-on", action="append", default=[], choices=["inconclusive", *Severity],
        help="an inconclusive MUST fails, or advice of this severity or worse (repeatable)",
    )  # fmt: skip
    parser.add_argument(
        "--expected-failures", metavar="FILE", type=Path,
        help="known failures with owner, reason and expiry; an unexpected pass fails, too",
    )  # fmt: skip
    parser.add_argument(
        "--baseline", metavar="RUN|FILE", type=Path,
        help="exit 6 where what passed in this whole run, or its maturity.json, fails now",
    )  # fmt: skip
    parser.add_argument(
        "--ratchet", metavar="FILE", type=Path, help="never below the lower bounds that are landed here"
    )
    parser.add_argument(
        "--update-ratchet", action="store_true", help="raise the floors in the ratchet's file to this run's"
    )


def gates_of(options: argparse.Namespace, *, today: date) -> Gates:
    """Return the gates; raises UsageProblem for a value that means nothing."""
    if options.min_level and options.min_level not in tuple(Level):
        raise UsageProblem(
            f"--min-level {options.min_level}: no such level", remedy=f"one of {', '.join(Level)}"
        )
    if options.update_ratchet and options.ratchet is None:
        raise UsageProblem("--update-ratchet: no file", remedy="name it with --ratchet FILE")
    gates = Gates(
        fail_under=_limits(options.fail_under),
        min_level=options.min_level,
        fail_on_inconclusive="inconclusive" in options.fail_on,
        fail_on_severity=max(
            (item for item in Severity if item in options.fail_on), key=lambda item: item.rank, default=""
        ),
    )
    if options.expected_failures:
        expected, expired = _expected(options.expected_failures, today)
        gates = replace(gates, expected_failures=expected, expired=expired)
    if options.baseline or options.ratchet:
        from harness.runner.landed import read_baseline, read_ratchet  # noqa: PLC0415 - it loads the scorer

        baseline = read_baseline(options.baseline) if options.baseline else None
        ratchet = (
            read_ratchet(options.ratchet, may_be_new=options.update_ratchet) if options.ratchet else None
        )
        gates = replace(gates, baseline=baseline, ratchet=ratchet)
    return gates


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


def _expected(path: Path, today: date) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Read `[[expected]]` tables; return those that excuse today and those that no longer do."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("expected", [])
    except (OSError, ValueError) as problem:
        raise UsageProblem(f"{path}: {problem}", remedy="a TOML file of [[expected]] tables") from problem
    excused: dict[str, str] = {}
    expired: dict[str, str] = {}
    for number, table in enumerate(tables, start=1):
        where = f"{path}: expected table {number}"
        expires = _expiry(table, where)
        name = f"{table['requirement']} {table['subject']}"
        if expires < today:
            expired[name] = f"{table['reason']} ({table['owner']}), until {expires}"
        else:
            excused[name] = f"{table['reason']} ({table['owner']})"
    return excused, expired


def _expiry(table: Mapping[str, Any], where: str) -> date:
    """Return the last day on which a whole table excuses; raises UsageProblem for one that is not whole."""
    if missing := [key for key in _KEYS if not table.get(key)]:
        raise UsageProblem(f"{where} has no {', '.join(missing)}")
    if unknown := sorted(set(table) - set(_KEYS)):
        raise UsageProblem(f"{where} has {', '.join(unknown)}", remedy=f"its keys are {', '.join(_KEYS)}")
    try:
        return date.fromisoformat(str(table["expires"]))
    except ValueError:
        raise UsageProblem(
            f"{where}: expires is {table['expires']!r}", remedy="a date, e.g. 2027-01-31"
        ) from None
