"""The load profile: which Locust file, how much, how long, and the objectives per request name."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.core.errors import UsageProblem
from harness.core.layer import Depth
from harness.core.resources import resource

_DEFAULT = "reference_smoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What a request name has to keep."""

    name: str
    p95_ms: float
    error_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """How much is sent: a steady rate for some seconds."""

    seconds: float
    requests_per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A Locust file with the objectives that stand beside it."""

    locustfile: Path
    volumes: Mapping[Depth, Volume]
    objectives: tuple[Objective, ...]


def find_profile(name: str) -> Path:
    """Return the Locust file: a path, or the name of one that ships; the default when nothing is named."""
    wanted = Path(name or _DEFAULT)
    shipped = resource("scenarios/load") / f"{wanted.name.removesuffix('.py')}.py"
    if wanted.is_file():
        return wanted
    if shipped.is_file():
        return shipped
    raise UsageProblem(
        f"load profile {name!r}: there is no such file, and none of that name under scenarios/load",
        remedy="Set load_profile in the target file to a Locust file with a TOML of the same name beside it.",
    )


def read_profile(locustfile: Path) -> Profile:
    """Read the TOML beside a Locust file; raises UsageProblem when it is not there or not of this shape."""
    path = locustfile.with_suffix(".toml")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return Profile(
            locustfile=locustfile,
            volumes={Depth(name): _volume(record) for name, record in content["depth"].items()},
            objectives=tuple(_objective(name, record) for name, record in content["slo"].items()),
        )
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UsageProblem(
            f"{path}: not a load profile ({type(problem).__name__}: {problem})",
            remedy="It needs [depth.quick|standard|full] and one [slo.<name>] per request name.",
        ) from problem


def _volume(record: Mapping[str, Any]) -> Volume:
    return Volume(seconds=float(record["seconds"]), requests_per_second=float(record["requests_per_second"]))


def _objective(name: str, record: Mapping[str, Any]) -> Objective:
    return Objective(name=name, p95_ms=float(record["p95_ms"]), error_rate=float(record["error_rate"]))
