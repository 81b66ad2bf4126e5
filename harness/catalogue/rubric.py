"""The rubric: the requirements of one version, frozen by rubric.lock, carried along in every run folder."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.catalogue.loading import load_requirements
from harness.core.area import Area, Level
from harness.core.errors import CatalogueProblem
from harness.core.requirement import EvidenceKind, Profile, Requirement, SubjectKind, Weight
from harness.core.resources import resource

REQUIREMENT_SCHEMA = "requirement/1"
RUBRIC_SCHEMA = "rubric/1"
_LOCK_SCHEMA = "rubric-lock/1"
_FIRST_VERSION = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """What a run is scored with. `not_scored` are ids in their first version: listed, without points."""

    version: str
    hash: str
    requirements: tuple[Requirement, ...]
    not_scored: frozenset[str] = field(default_factory=frozenset)

    @property
    def scored(self) -> tuple[Requirement, ...]:
        """The requirements that give points."""
        return tuple(item for item in self.requirements if item.id not in self.not_scored)


def load_rubric(folder: Path | None = None) -> Rubric:
    """Return the frozen rubric; raises CatalogueProblem when the catalogue is not what its lock froze."""
    home = folder or _home()
    requirements = load_requirements(home)
    lock = _read_lock(home)
    if drift := drift_of(requirements, lock):
        raise CatalogueProblem(
            f"{home}: not what rubric version {lock['version']} froze: {'; '.join(drift)}",
            remedy="freeze a new version: harness requirements --freeze VERSION",
        )
    return _rubric(requirements, lock)


def drift_of(requirements: Sequence[Requirement], lock: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what differs from a lock, e.g. `auth.x changed`."""
    frozen = {name: entry["hash"] for name, entry in lock["requirements"].items()}
    present = {item.id: requirement_hash(item) for item in requirements}
    changed = [f"{name} changed" for name in present if name in frozen and frozen[name] != present[name]]
    added = [f"{name} added" for name in present if name not in frozen]
    removed = [f"{name} removed" for name in frozen if name not in present]
    return tuple(sorted(changed + added + removed))


def freeze(version: str, folder: Path | None = None) -> str:
    """Write rubric.lock for a new version and say so; a version that is frozen stays what it is."""
    home = folder or _home()
    requirements = load_requirements(home)
    since: Mapping[str, str] = {}
    if (home / "rubric.lock").is_file():
        old = _read_lock(home)
        if version == old["version"] and drift_of(requirements, old):
            raise CatalogueProblem(
                f"rubric version {version} is frozen and the catalogue differs from it",
                remedy="freeze it as a new version",
            )
        since = {name: entry["since"] for name, entry in old["requirements"].items()}
    entries = {
        item.id: {"hash": requirement_hash(item), "since": since.get(item.id, version)}
        for item in sorted(requirements, key=lambda item: item.id)
    }
    lock = {
        "schema": _LOCK_SCHEMA,
        "version": version,
        "hash": _rubric_hash(requirements),
        "requirements": entries,
    }
    (home / "rubric.lock").write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")
    return f"rubric {version}: {len(requirements)} requirements frozen"


def requirement_hash(requirement: Requirement) -> str:
    """Return the hash of everything a requirement says."""
    text = json.dumps(requirement_to_json(requirement), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def requirement_to_json(requirement: Requirement) -> dict[str, Any]:
    """Return the JSON form (contracts/schemas/requirement.schema.json)."""
    subjects = requirement.subjects
    return {
        "schema": REQUIREMENT_SCHEMA,
        "id": requirement.id,
        "area": requirement.area.value,
        "profile": requirement.profile.value,
        "level": requirement.level.value,
        "weight": requirement.weight.value,
        "must": requirement.must,
        "evidence": requirement.evidence.value,
        "statement": requirement.statement,
        "source": list(requirement.source),
        "needs": list(requirement.needs),
        "remedy": requirement.remedy,
        "effort": requirement.effort,
        "subjects": list(subjects) if isinstance(subjects, tuple) else subjects.value,
    }


def requirement_from_json(record: Mapping[str, Any]) -> Requirement:
    """Read the JSON form back; raises KeyError or ValueError on a record of another shape."""
    subjects = record["subjects"]
    return Requirement(
        id=record["id"],
        area=Area(record["area"]),
        profile=Profile(record["profile"]),
        level=Level(record["level"]),
        weight=Weight(record["weight"]),
        must=record["must"],
        evidence=EvidenceKind(record["evidence"]),
        statement=record["statement"],
        source=tuple(record["source"]),
        remedy=record["remedy"],
        effort=record["effort"],
        needs=tuple(record["needs"]),
        subjects=tuple(subjects) if isinstance(subjects, list) else SubjectKind(subjects),
    )


def rubric_to_json(rubric: Rubric) -> dict[str, Any]:
    """Return the form that a run folder carries as rubric.json."""
    return {
        "schema": RUBRIC_SCHEMA,
        "version": rubric.version,
        "hash": rubric.hash,
        "not_scored": sorted(rubric.not_scored),
        "requirements": [requirement_to_json(item) for item in rubric.requirements],
    }


def rubric_from_json(record: Mapping[str, Any]) -> Rubric:
    """Read rubric.json back; a copy that was changed after the run is refused by its hash."""
    requirements = tuple(requirement_from_json(item) for item in record["requirements"])
    computed = _rubric_hash(requirements)
    if computed != record["hash"]:
        raise CatalogueProblem(
            f"rubric.json was changed after the run: it hashes to {computed[:12]}, not {record['hash'][:12]}",
            remedy="restore the run folder's rubric.json",
        )
    return Rubric(
        version=record["version"],
        hash=computed,
        requirements=requirements,
        not_scored=frozenset(record["not_scored"]),
    )


def _home() -> Path:
    return resource("contracts/requirements")


def _read_lock(home: Path) -> Mapping[str, Any]:
    try:
        lock = json.loads((home / "rubric.lock").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogueProblem(
            f"{home}: the catalogue is not frozen, there is no rubric.lock",
            remedy="harness requirements --freeze VERSION",
        ) from None
    except ValueError as problem:
        raise CatalogueProblem(f"{home / 'rubric.lock'}: {problem}", remedy="restore the file") from problem
    if not isinstance(lock, dict) or lock.get("schema") != _LOCK_SCHEMA:
        raise CatalogueProblem(
            f"{home / 'rubric.lock'}: no {_LOCK_SCHEMA} document", remedy="restore the file"
        )
    return lock


def _rubric(requirements: tuple[Requirement, ...], lock: Mapping[str, Any]) -> Rubric:
    version = lock["version"]
    first_time = {
        name
        for name, entry in lock["requirements"].items()
        if version != _FIRST_VERSION and entry["since"] == version
    }
    return Rubric(
        version=version,
        hash=_rubric_hash(requirements),
        requirements=requirements,
        not_scored=frozenset(first_time),
    )


def _rubric_hash(requirements: Sequence[Requirement]) -> str:
    lines = sorted(f"{item.id} {requirement_hash(item)}\n" for item in requirements)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
