"""An experiment file: Chaos Toolkit's format, with what it judges in an extension named `harness`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.core.errors import UsageProblem
from harness.core.layer import Depth
from harness.core.resources import resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One requirement and subject, and the probes that decide it.

    `only_with_fault`: the probes must be met under the fault and must not be met without it.
    """

    requirement: str
    subject: str
    by: tuple[str, ...]
    only_with_fault: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What the engine needs of a file; `proof_link` is empty when a process signal is the proof."""

    path: Path
    title: str
    depth: Depth
    judges: tuple[Judged, ...]
    proof_link: str
    at_least: int
    activities: int
    rollbacks: int

    @property
    def name(self) -> str:
        """The file's stem."""
        return self.path.stem

    @property
    def unmet_without_fault(self) -> tuple[str, ...]:
        """The probes that only the fault should make say ok."""
        return tuple(probe for judged in self.judges if judged.only_with_fault for probe in judged.by)


def load_experiments(folder: Path | None = None) -> tuple[Experiment, ...]:
    """Return every experiment of a folder by name (default: scenarios/chaos)."""
    place = folder or resource("scenarios/chaos")
    return tuple(load_experiment(path) for path in sorted(place.glob("*.yaml")))


def load_experiment(path: Path) -> Experiment:
    """Read one file; raises UsageProblem that names the file and what is missing."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        own = next(item for item in document["extensions"] if item["name"] == "harness")
        judges = tuple(_judged(item) for item in own["judges"])
        proof = own["proof"]
        experiment = Experiment(
            path=path,
            title=document["title"],
            depth=Depth(own.get("depth", Depth.STANDARD.value)),
            judges=judges,
            proof_link=proof.get("link", ""),
            at_least=int(proof["at_least"]),
            activities=len(document["method"]),
            rollbacks=len(document.get("rollbacks", ())),
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, StopIteration) as problem:
        raise UsageProblem(
            f"{path}: {type(problem).__name__} {problem}",
            remedy="an experiment needs a `harness` extension with judges and proof",
        ) from problem
    _check(path, document, experiment)
    return experiment


def _judged(item: Mapping[str, Any]) -> Judged:
    return Judged(
        requirement=item["requirement"],
        subject=item.get("subject", "target"),
        by=tuple(item["by"]),
        only_with_fault=bool(item.get("only_with_fault", False)),
    )


def _check(path: Path, document: Mapping[str, Any], experiment: Experiment) -> None:
    """Refuse what could never fail: no judge, no proof, no rollback, a probe that does not exist."""
    if not experiment.judges or experiment.at_least < 1 or not experiment.rollbacks:
        raise UsageProblem(f"{path}: needs a judge, a proof of at least 1, and a rollback")
    names = {item["name"] for item in _probes(document)}
    for judged in experiment.judges:
        if unknown := sorted(set(judged.by) - names) or ([] if judged.by else ["nothing"]):
            raise UsageProblem(f"{path}: {judged.requirement} is judged by {', '.join(unknown)}, not a probe")


def _probes(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    activities = [*document["steady-state-hypothesis"]["probes"], *document["method"]]
    return [item for item in activities if item["type"] == "probe"]
