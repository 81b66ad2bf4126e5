"""`harness report RUN --format NAME`: write some of the reports of a run folder again."""

import argparse
from pathlib import Path

from harness.cli.command import Command
from harness.core.errors import UsageProblem


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("run_folder", metavar="RUN", type=Path, help="a run folder")
    parser.add_argument(
        "--format", metavar="NAME", action="append", default=[], help="repeatable; all if absent"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="where to write (default: the run folder)")


def run(options: argparse.Namespace) -> int:
    """Write the reports and print their paths."""
    from harness.reporting.registry import reports  # noqa: PLC0415 - heavy imports inside the command
    from harness.runner.finish import load_scored, write_reports  # noqa: PLC0415

    known = {report.id for report in reports()}
    if unknown := set(options.format) - known:
        raise UsageProblem(
            f"--format {', '.join(sorted(unknown))}: no such report",
            remedy=f"one of {', '.join(sorted(known))}",
        )
    scored = load_scored(options.run_folder)
    out = options.out or options.run_folder
    out.mkdir(parents=True, exist_ok=True)
    for file in write_reports(out, scored, formats=options.format):
        print(file)
    return 0


COMMAND = Command(name="report", summary="write reports of a run folder", arguments=arguments, run=run)
