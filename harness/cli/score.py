"""`harness score RUN`: make everything derived again from the evidence, without network or clock."""

import argparse
import sys
from pathlib import Path

from harness.cli.command import Command


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("run_folder", metavar="RUN", type=Path, help="a run folder")
    parser.add_argument("-v", "--verbose", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Re-score and print."""
    from harness.cli.summary import print_summary  # noqa: PLC0415 - heavy imports inside the command
    from harness.runner.finish import score_folder  # noqa: PLC0415

    scored = score_folder(options.run_folder)
    print_summary(scored, options.run_folder, stream=sys.stdout, verbose=options.verbose)
    return scored.verdict.exit_code


COMMAND = Command(
    name="score", summary="score a run folder again from its evidence", arguments=arguments, run=run
)
