"""Which packs a profile runs, and which requirements their files judge; they are read, never imported."""

import ast
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from pathlib import Path

from harness.core.requirement import Profile
from harness.core.resources import resource

_PACKS = {Profile.PORTABLE: ("portable",), Profile.CORE: ("portable", "core")}


def pack_folders(profile: Profile) -> Sequence[Path]:
    """Return the folders of the packs that bind a profile, portable first: they need fresh credentials."""
    return tuple(resource(f"scenarios/{name}") for name in _PACKS[profile])


def requirements_of(folders: Sequence[Path]) -> frozenset[str]:
    """Return the requirement ids that the marks in all files of the packs name."""
    return frozenset(
        name for folder in folders for file in sorted(folder.rglob("test_*.py")) for name in _marked(file)
    )


def files_judging(folders: Sequence[Path], wanted: Collection[str]) -> Sequence[Path]:
    """Return the files with a scenario of one of the wanted requirements; the folders where none has one."""
    files = (file for folder in folders for file in sorted(folder.rglob("test_*.py")))
    return tuple(file for file in files if not _marked(file).isdisjoint(wanted)) or folders


@cache
def _marked(file: Path) -> frozenset[str]:
    return frozenset(_marks(ast.parse(file.read_text(encoding="utf-8"), filename=str(file))))


def _marks(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="requirement") | ast.Name(id="requirement"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name
