"""`harness launch TARGET`: start a target as a run would and leave it to the user until Ctrl-C."""

import argparse
import tempfile
import threading
from pathlib import Path

from harness.cli.command import Command


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("target", help="a target file that says how the target is launched")


def run(options: argparse.Namespace) -> int:
    """Launch, print what tools need, wait; everything is stopped on the way out."""
    import os  # noqa: PLC0415 - heavy imports inside the command
    import secrets  # noqa: PLC0415

    from harness.core.layer import Layer  # noqa: PLC0415
    from harness.core.redaction import Redactor  # noqa: PLC0415
    from harness.evidence.store import RunFolder  # noqa: PLC0415
    from harness.layers.chaos.context import CONTEXT_VARIABLE, context_of, write_context  # noqa: PLC0415
    from harness.target.file import load_target  # noqa: PLC0415
    from harness.target.launcher import Launcher  # noqa: PLC0415

    target = load_target(options.target, os.environ)
    with tempfile.TemporaryDirectory(prefix="harness-launch-") as folder:
        redactor = Redactor([item.secret for item in target.identities], key=secrets.token_bytes(32))
        launcher = Launcher(target, folder=RunFolder.create(Path(folder) / "run"), redactor=redactor)
        with launcher.launch(Layer.CHAOS) as instance:
            context = Path(folder) / "context.json"
            write_context(context_of(instance), context)
            print(f"{target.name} runs at {instance.base_url}; Ctrl-C stops it")
            print(f"  scenarios  pytest scenarios/portable --target {instance.base_url}")
            print(f"  load       locust -f scenarios/load/reference_smoke.py --host {instance.base_url}")
            print(f"  chaos      export {CONTEXT_VARIABLE}={context}", flush=True)
            try:
                threading.Event().wait()
            except KeyboardInterrupt:
                print("stopping", flush=True)
    return 0


COMMAND = Command(
    name="launch", summary="start a target as a run would, for work by hand", arguments=arguments, run=run
)
