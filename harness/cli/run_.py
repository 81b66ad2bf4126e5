"""`harness run TARGET`: measure a target and write its maturity report."""

import argparse
import os
import random
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from harness.cli.command import Command
from harness.cli.gates import add_gates, gates_of
from harness.core.layer import ENGINE_LAYERS, Depth


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    add_choice(parser)
    parser.add_argument("--out", metavar="DIR", type=Path, help="run folder (default: reports/<run-id>)")
    parser.add_argument(
        "--max-time", metavar="SECONDS", type=float, default=0.0, help="wall limit of the run"
    )
    parser.add_argument(
        "--max-requests", metavar="N", type=int, default=0, help="requests in the whole run (a deployment)"
    )
    parser.add_argument(
        "--rate", metavar="N", type=float, default=0.0, help="requests a second, all layers together"
    )
    add_gates(parser)
    parser.add_argument(
        "--format", metavar="NAME", action="append", default=[], help="write only these reports (repeatable)"
    )
    parser.add_argument(
        "--publish", metavar="DIR", type=Path, help="copy report.md and maturity.json of a whole run here"
    )
    parser.add_argument(
        "--history", metavar="FILE", type=Path, default=Path("reports/history.ndjson"),
        help="where complete runs are remembered, for trend and comparison (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")
    parser.add_argument("-v", "--verbose", action="store_true", help="list every finding that is not a pass")
    parser.add_argument("--no-color", action="store_true", help="no colour (NO_COLOR does the same)")


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` and `plan` have in common: the target and what is chosen of it."""
    parser.add_argument("target", help="a target file or a URL; a URL alone consents to reads only")
    parser.add_argument(
        "--layer", action="append", default=[], choices=[layer.value for layer in ENGINE_LAYERS],
        help="run only these layers (repeatable); the run is partial and prints no maturity",
    )  # fmt: skip
    parser.add_argument("--depth", choices=[depth.value for depth in Depth], default=Depth.STANDARD.value)
    parser.add_argument("--seed", type=int, help="seed of everything random (default: chosen and recorded)")
    parser.add_argument("--select", metavar="PATTERN", action="append", default=[], help="requirement ids")
    parser.add_argument("--ignore", metavar="PATTERN", action="append", default=[], help="requirement ids")
    parser.add_argument("--read-only", action="store_true", help="withdraw every consent but reading")


def run(options: argparse.Namespace) -> int:
    """Run, then print what a person wants first and the exit code with its reason last."""
    from harness.cli.choice import choice_of, limits_of  # noqa: PLC0415 - heavy imports inside the command
    from harness.cli.github import tell_github  # noqa: PLC0415
    from harness.cli.progress import progress_for  # noqa: PLC0415
    from harness.cli.summary import print_summary  # noqa: PLC0415
    from harness.runner.landed import write_ratchet  # noqa: PLC0415
    from harness.runner.measure import measure  # noqa: PLC0415
    from harness.runner.options import RunOptions  # noqa: PLC0415

    if options.seed is None:
        options.seed = random.SystemRandom().randrange(2**31)
    color = not options.no_color and "NO_COLOR" not in os.environ
    progress = progress_for(quiet=options.quiet, color=color)
    try:
        scored, folder = measure(
            RunOptions(
                target=options.target,
                choice=choice_of(options),
                folder=options.out,
                gates=gates_of(options, today=datetime.now(UTC).date()),
                max_seconds=options.max_time,
                read_only=options.read_only,
                limits=limits_of(options),
                formats=tuple(options.format),
                history=options.history,
            ),
            progress,
        )
    finally:
        progress.close()
    if options.publish and scored.run.is_complete and not scored.run.is_partial:
        options.publish.mkdir(parents=True, exist_ok=True)
        for name in ("report.md", "maturity.json"):
            shutil.copyfile(folder / name, options.publish / name)
    if options.update_ratchet and write_ratchet(options.ratchet, scored):
        print(f"ratchet: {options.ratchet}")
    tell_github(scored, os.environ, sys.stdout)
    print_summary(scored, folder, stream=sys.stdout, verbose=options.verbose)
    return scored.verdict.exit_code


COMMAND = Command(name="run", summary="measure a target and write its report", arguments=arguments, run=run)
