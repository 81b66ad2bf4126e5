"""Reads contracts/requirements/*.yaml into requirements; every flaw is named with its file and id."""

import re
from collections.abc import Hashable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from harness.core.area import Area, Level
from harness.core.errors import CatalogueProblem
from harness.core.requirement import EvidenceKind, Profile, Requirement, SubjectKind, Weight

_ID = re.compile(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)")
_REQUIRED = frozenset(
    {
        "id",
        "profile",
        "level",
        "weight",
        "must",
        "evidence",
        "statement",
        "source",
        "remedy",
        "effort",
        "subjects",
    }
)
_KNOWN = _REQUIRED | {"needs"}
_EFFORTS = ("low", "medium", "high")
#: The shortest sentence that can say something; a statement or remedy below it is a placeholder.
_SHORTEST_SENTENCE = 20


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # one of two classes, by build
    """YAML that refuses a key given twice, where the last would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := sorted({str(key) for key in keys if keys.count(key) > 1}):
            raise yaml.YAMLError(f"line {node.start_mark.line + 1}: key {', '.join(twice)} given twice")
        constructed: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return constructed


def load_requirements(folder: Path) -> tuple[Requirement, ...]:
    """Return all requirements by area and id; raises CatalogueProblem listing every flaw found."""
    files = [folder / f"{area.value}.yaml" for area in Area]
    flaws = [f"{file.name}: no such file; every area has one" for file in files if not file.is_file()]
    flaws += [
        f"{file.name}: names no area; the areas are {', '.join(Area)}"
        for file in sorted(folder.glob("*.yaml"))
        if file.stem not in tuple(Area)
    ]
    found: list[Requirement] = []
    homes: dict[str, str] = {}
    for file in (file for file in files if file.is_file()):
        for row in _rows(file, flaws):
            where = f"{file.name}: {row.get('id', 'a row without id')}"
            flaws += [f"{where}: {flaw}" for flaw in _flaws(row)]
            name = str(row.get("id"))
            if name in homes:
                flaws.append(f"{where}: id already taken in {homes[name]}")
            homes.setdefault(name, file.name)
            if not flaws:
                found.append(_requirement(row, Area(file.stem)))
    if flaws:
        raise CatalogueProblem(
            f"{folder}: the requirement catalogue does not hold together\n  " + "\n  ".join(flaws),
            remedy="mend the rows named; contracts/schemas/requirement.schema.json has the shape",
        )
    order = tuple(Area)
    return tuple(sorted(found, key=lambda item: (order.index(item.area), item.id)))


def _rows(file: Path, flaws: list[str]) -> Iterator[Mapping[str, Any]]:
    try:
        rows = yaml.load(file.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as problem:
        flaws.append(f"{file.name}: {' '.join(str(problem).split())}")
        return
    if not isinstance(rows, list):
        flaws.append(f"{file.name}: a list of requirements was expected")
        return
    for number, row in enumerate(rows, start=1):
        if isinstance(row, dict):
            yield row
        else:
            flaws.append(f"{file.name}: row {number}: a mapping was expected")


def _flaws(row: Mapping[str, Any]) -> Iterator[str]:
    if unknown := sorted(str(key) for key in set(row) - _KNOWN):
        yield f"unknown {_keys(unknown)}"
    if missing := sorted(_REQUIRED - set(row)):
        yield f"missing {_keys(missing)}"
    for key, kind in (("profile", Profile), ("weight", Weight), ("evidence", EvidenceKind)):
        if key in row and row[key] not in tuple(kind):
            yield _not_one_of(key, row[key], kind)
    levels = tuple(level for level in Level if level is not Level.INITIAL)
    if "level" in row and row["level"] not in levels:
        yield f"level: {row['level']!r} is not one of {', '.join(levels)}"
    yield from _flaws_of_plain_values(row)


def _flaws_of_plain_values(row: Mapping[str, Any]) -> Iterator[str]:
    if "id" in row and not (isinstance(row["id"], str) and _ID.fullmatch(row["id"])):
        yield "id: <topic>.<what-is-true> in lower case was expected"
    if "must" in row and not isinstance(row["must"], bool):
        yield f"must: {row['must']!r} is neither true nor false"
    if "effort" in row and row["effort"] not in _EFFORTS:
        yield f"effort: {row['effort']!r} is not one of {', '.join(_EFFORTS)}"
    for key in ("statement", "remedy"):
        if key in row and (not isinstance(row[key], str) or len(row[key].strip()) < _SHORTEST_SENTENCE):
            yield f"{key}: a sentence was expected"
    for key in ("source", "needs"):
        if key in row and not _is_names(row[key], may_be_empty=key == "needs"):
            yield f"{key}: a list of distinct texts was expected"
    if "subjects" in row and row["subjects"] not in tuple(SubjectKind) and not _is_names(row["subjects"]):
        yield f"subjects: a list of distinct names or one of {', '.join(SubjectKind)} was expected"


def _is_names(value: object, *, may_be_empty: bool = False) -> bool:
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        return False
    return len(set(value)) == len(value) and (may_be_empty or bool(value))


def _keys(names: list[str]) -> str:
    return f"{'key' if len(names) == 1 else 'keys'} {', '.join(names)}"


def _not_one_of(key: str, value: object, kind: type[StrEnum]) -> str:
    return f"{key}: {value!r} is not one of {', '.join(kind)}"


def _requirement(row: Mapping[str, Any], area: Area) -> Requirement:
    subjects = row["subjects"]
    return Requirement(
        id=row["id"],
        area=area,
        profile=Profile(row["profile"]),
        level=Level(row["level"]),
        weight=Weight(row["weight"]),
        must=row["must"],
        evidence=EvidenceKind(row["evidence"]),
        statement=row["statement"].strip(),
        source=tuple(row["source"]),
        remedy=row["remedy"].strip(),
        effort=row["effort"],
        needs=tuple(row.get("needs", ())),
        subjects=tuple(subjects) if isinstance(subjects, list) else SubjectKind(subjects),
    )
