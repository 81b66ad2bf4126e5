"""`harness replay FINDING`: one finding again; exit 1 when it is still there, 0 when gone, 5 when unknown."""

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.command import Command
from harness.cli.explain import add_finding
from harness.core.errors import TargetUnreachable, UsageProblem

if TYPE_CHECKING:
    from harness.core.maturity import ScoredRun
    from harness.reporting.reading import Cell
    from harness.runner.replay import Replay


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    add_finding(parser)
    parser.add_argument(
        "--target", metavar="URL|FILE", default="",
        help="where to send (default: where the run went); a file brings identities and consent",
    )  # fmt: skip
    parser.add_argument("--curl", action="store_true", help="print the requests as curl lines, send nothing")


def run(options: argparse.Namespace) -> int:
    """Find the finding, send its requests again, show both answers and say what that means."""
    from harness.judges.curl import curl  # noqa: PLC0415 - heavy imports inside the command
    from harness.runner.finish import load_scored  # noqa: PLC0415
    from harness.runner.naming import cells_named, run_folder  # noqa: PLC0415
    from harness.runner.replay import curl_lines, exit_code  # noqa: PLC0415

    folder = run_folder(options.run_folder)
    scored = load_scored(folder)
    named = cells_named(scored, options.finding)
    if len(named) > 1:
        subjects = ", ".join(cell.subject.subject for cell in named[:5])
        raise UsageProblem(
            f"{options.finding[0]} has {len(named)} subjects", remedy=f"name one of them, e.g. {subjects}"
        )
    (cell,) = named
    if options.curl:
        for line in dict.fromkeys(curl_lines(cell, scored, curl)):
            print(line)
        return 0
    replayed = _replay(cell, scored, folder, options.target)
    code = exit_code(replayed.result, cell.subject.outcome)
    _print(cell, replayed)
    print(f"exit {code}: {replayed.result.value}: {replayed.reason}")
    return code


def _replay(cell: "Cell", scored: "ScoredRun", folder: Path, named: str) -> "Replay":
    import secrets  # noqa: PLC0415

    import httpx  # noqa: PLC0415

    from harness.core.layer import Layer  # noqa: PLC0415
    from harness.core.redaction import Redactor  # noqa: PLC0415
    from harness.evidence.store import RunFolder  # noqa: PLC0415
    from harness.runner.finish import recorded_document  # noqa: PLC0415
    from harness.runner.replay import Stage, client_at, replay, sender  # noqa: PLC0415
    from harness.target.file import load_target  # noqa: PLC0415
    from harness.target.launcher import Launcher  # noqa: PLC0415

    if not named and scored.run.is_launched:
        raise UsageProblem(
            f"run {scored.run.id} launched its target, which is gone",
            remedy="name it again: --target FILE launches it, --target URL takes one that runs",
        )
    target = load_target(named or scored.run.base_url, os.environ)
    redactor = Redactor(
        [item.secret for item in target.identities if item.secret], key=secrets.token_bytes(32)
    )
    with tempfile.TemporaryDirectory(prefix="harness-replay-") as scratch:
        launcher = Launcher(target, folder=RunFolder.create(Path(scratch) / "run"), redactor=redactor)
        with (
            launcher.launch(Layer.SCENARIOS, record=False) as instance,
            client_at(instance.direct_url) as client,
        ):
            stage = Stage(
                target=target,
                sessions=instance.sessions,
                send=sender(client, redactor),
                openapi=recorded_document(RunFolder(folder), scored.run),
            )
            try:
                return replay(cell, scored, stage)
            except httpx.HTTPError as problem:
                raise TargetUnreachable(
                    str(client.base_url), f"{type(problem).__name__}: {problem}"
                ) from problem


def _print(cell: "Cell", replayed: "Replay") -> None:
    from harness.reporting.explaining import side_by_side  # noqa: PLC0415
    from harness.reporting.marking import Marks, marks_of  # noqa: PLC0415
    from harness.reporting.reading import deciding  # noqa: PLC0415

    width = shutil.get_terminal_size((120, 40)).columns
    finding = next(iter(deciding(cell)), None)
    for old, new in replayed.pairs:
        for title, exchange in (("recorded", old), ("now", new)):
            marks = marks_of(finding, exchange.response) if finding and exchange is old else Marks()
            print(title)
            for line in side_by_side(exchange, marks, width=width):
                print(line)
        print()
    print(f"{cell.subject.outcome.value.upper()}  {cell.requirement.id}  {cell.subject.subject}")


COMMAND = Command(
    name="replay", summary="send the requests behind one finding again", arguments=arguments, run=run
)
