"""`harness diff A B`: what changed between two runs, and why each area's score moved."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from harness.cli.command import Command

if TYPE_CHECKING:
    from harness.core.history import Past
    from harness.core.maturity import ScoredRun


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("before", metavar="A", help="the earlier run: a folder, or the id of one in reports/")
    parser.add_argument("after", metavar="B", help="the later run")
    parser.add_argument("--format", choices=["text", "json"], default="text")


def run(options: argparse.Namespace) -> int:
    """Score both in memory, compare, print; nothing in either folder is changed."""
    from harness.runner.finish import load_scored  # noqa: PLC0415 - heavy imports inside the command
    from harness.runner.naming import run_folder  # noqa: PLC0415

    before = load_scored(run_folder(options.before))
    after = load_scored(run_folder(options.after))
    if options.format == "json":
        print(json.dumps(diff_record(before, after), indent=1, ensure_ascii=False))
    else:
        _print(before, after, _compared(before, after))
    for note in _notes(before, after):
        print(f"note: {note}", file=sys.stderr)
    return 0


def _notes(before: "ScoredRun", after: "ScoredRun") -> list[str]:
    pairs = (
        ("targets", before.run.target, after.run.target),
        ("rubrics", before.run.rubric_hash[:12], after.run.rubric_hash[:12]),
        ("depths", before.run.depth, after.run.depth),
    )
    notes = [f"the {what} differ: {one} and {other}" for what, one, other in pairs if one != other]
    torn = [item.run.id for item in (before, after) if not item.run.is_complete or item.run.is_partial]
    return [*notes, *(f"{name} is no whole run" for name in torn)]


def _print(before: "ScoredRun", after: "ScoredRun", past: "Past") -> None:
    from harness.core.area import Area  # noqa: PLC0415
    from harness.core.figures import one_decimal  # noqa: PLC0415
    from harness.reporting.trend import by_kind, reasons, signed, told_by_kind  # noqa: PLC0415

    for name, scored in (("A", before), ("B", after)):
        run = scored.run
        print(
            f"{name}  {run.id}  {run.fingerprint or run.target}, "
            f"depth {run.depth}, rubric {run.rubric_version}"
        )
    print()
    for item in past.movements:
        why = reasons(item, is_same_rubric=past.is_same_rubric)
        moved = f"{one_decimal(item.before):>4} -> {one_decimal(item.after):>4}"
        print(f"{Area(item.area).label:22} {moved}  {signed(item.after - item.before):>5}  {why}")
    print()
    for kind, changes in by_kind(past.changes).items():
        for change in changes:
            then = change.before.value if change.before else "not asked for"
            now = change.after.value if change.after else "not asked for"
            print(f"{kind.value.upper():12} {change.requirement}  {change.subject}  ({then} -> {now})")
    print(told_by_kind(past.changes))


def _compared(before: "ScoredRun", after: "ScoredRun") -> "Past":
    from harness.scoring.movement import entry_of, past_of  # noqa: PLC0415

    past = past_of(after.run, after.maturity, [entry_of(before.run, before.maturity, before.verdict)])
    assert past is not None  # there is an earlier run
    return past


def diff_record(before: "ScoredRun", after: "ScoredRun") -> dict[str, Any]:
    """Return the JSON form (contracts/schemas/diff.schema.json)."""
    past = _compared(before, after)
    return {
        "schema": "diff/1",
        **{
            name: {
                "run": scored.run.id,
                "target": scored.run.target,
                "version": scored.run.fingerprint,
                "started": scored.run.started,
                "depth": scored.run.depth,
                "rubric_hash": scored.run.rubric_hash,
                "level": scored.maturity.level.value if scored.maturity.level else None,
                "exit_code": scored.verdict.exit_code,
            }
            for name, scored in (("before", before), ("after", after))
        },
        "areas": [
            {
                "area": item.area,
                **{
                    name: round(float(getattr(item, name)), 6)
                    for name in ("before", "after", "code", "measured", "scope")
                },
            }
            for item in past.movements
        ],
        "changes": [
            {
                "kind": change.kind.value,
                "requirement": change.requirement,
                "subject": change.subject,
                "before": change.before.value if change.before else None,
                "after": change.after.value if change.after else None,
            }
            for change in past.changes
        ],
    }


COMMAND = Command(
    name="diff", summary="show what changed between two runs, and why", arguments=arguments, run=run
)
