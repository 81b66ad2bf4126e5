"""The command line; a command's heavy imports happen inside it, so that --help stays quick."""

import argparse
import os
import sys
from collections.abc import Sequence

from harness import __version__
from harness.cli import (
    diff,
    doctor,
    explain,
    init,
    launch,
    plan_,
    prove,
    replay,
    report,
    requirements,
    run_,
    score,
)
from harness.core import interruption
from harness.core.errors import HarnessFault, HarnessProblem, TargetUnreachable, UsageProblem

COMMANDS = tuple(
    module.COMMAND
    for module in (
        init,
        doctor,
        plan_,
        run_,
        launch,
        score,
        report,
        diff,
        explain,
        replay,
        requirements,
        prove,
    )
)


def parser() -> argparse.ArgumentParser:
    """Return the whole parser, one sub-parser per command."""
    root = argparse.ArgumentParser(
        prog="harness",
        description="Point it at a deployment; hold a maturity report in which every point can be replayed.",
        epilog="exit codes: 0 ok, 1 failed, 2 usage, 3 harness fault, 4 target unreachable, "
        "5 nothing measured, 6 regression, 7 incomplete",
    )
    root.add_argument("--version", action="version", version=f"harness {__version__}")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.summary, description=command.summary)
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every problem ends in one clear message and the right exit code."""
    interruption.install()
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except KeyboardInterrupt:
        print("harness: interrupted", file=sys.stderr)
        return 7
    except BrokenPipeError:
        # Whoever read the output has seen enough, e.g. `harness explain X | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except HarnessProblem as problem:
        print(f"harness: {problem}", file=sys.stderr)
        return exit_code_of(problem)
    return code


def exit_code_of(problem: HarnessProblem) -> int:
    """Return the exit code a problem stands for."""
    match problem:
        case UsageProblem():
            return 2
        case TargetUnreachable():
            return 4
        case HarnessFault() | _:
            return 3
