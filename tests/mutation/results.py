"""Reads what mutmut left behind into types: each mutant, how it ended, and what it changed."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from tests.mutation.deaths import ASSERTION, noted

PACKAGES = ("scoring", "judges", "core")
#: Left out in pyproject.toml, with the reasons.
UNMUTATED = frozenset({"guardian", "spawn", "relay", "channel"})
SURVIVORS = Path(__file__).with_name("survivors.yaml")


class End(StrEnum):
    """How a mutant ended. Only an assertion proves that a test knows what is right."""

    ASSERTION = "assertion"
    CRASH = "crash"
    TIMEOUT = "timeout"
    SURVIVED = "survived"
    NOT_COVERED = "not-covered"
    NOT_RUN = "not-run"


#: What an assertion ought to have told apart.
LIVING = frozenset({End.SURVIVED, End.NOT_COVERED})
#: Exit codes in mutmut's .meta files; a mutant that was killed has its death noted beside (deaths.py).
_NOT_COVERED = {5, 33}
_TIMEOUT = {-24, 24, 36, 152, 255}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One planted fault; `was` and `now` are the lines of one that lived, `exception` is what crashed."""

    name: str
    package: str
    end: End
    was: str = ""
    now: str = ""
    reason: str = ""
    exception: str = ""

    @property
    def function(self) -> str:
        """The function it changed, e.g. `harness.core.statistics.wilson` or `...Redactor.text`."""
        module, _, mangled = self.name.rpartition(".")
        bare = mangled.rpartition("__mutmut_")[0]
        return f"{module}.{bare[2:].replace('ǁ', '.')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why mutants live on: patterns of the function and of the changed line, and a sentence."""

    function: str
    now: str
    reason: str

    def explains(self, mutant: Mutant) -> bool:
        """Whether it speaks of this mutant."""
        return fnmatchcase(mutant.function, self.function) and fnmatchcase(mutant.now, self.now)


def reasons(path: Path = SURVIVORS) -> tuple[Reason, ...]:
    """Return the reasons that people gave, in the order of the file."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return tuple(
        Reason(function=row["function"], now=row.get("now", "*"), reason=row["reason"]) for row in rows
    )


def read(folder: Path, differences: Callable[[str, Path], str]) -> tuple[Mutant, ...]:
    """Return every mutant of a mutmut folder; `differences` gives the unified diff of one."""
    return tuple(sorted(_mutants(folder, differences), key=lambda item: item.name))


def unmeasured(root: Path, folder: Path) -> Iterator[str]:
    """Return the modules that mutmut has not looked at since they were written."""
    for package in PACKAGES:
        for source in sorted((root / "harness" / package).rglob("*.py")):
            name = source.relative_to(root)
            if not (folder / f"{name}.meta").exists() and name.stem not in UNMUTATED:
                yield str(name.with_suffix("")).replace("/", ".")


def explained(mutants: Sequence[Mutant], known: Sequence[Reason]) -> tuple[Mutant, ...]:
    """Return the mutants with the first reason that speaks of each."""
    return tuple(_with_reason(mutant, known) for mutant in mutants)


def changed_lines(difference: str) -> tuple[str, str]:
    """Return what a unified diff takes away and what it puts in its place, each as one line."""
    lines = difference.splitlines()[2:]
    was, now = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in ("-", "+"))
    return was, now


def _mutants(folder: Path, differences: Callable[[str, Path], str]) -> Iterator[Mutant]:
    for package in PACKAGES:
        for meta in sorted((folder / "harness" / package).rglob("*.meta")):
            source = meta.relative_to(folder).with_suffix("")
            codes: Mapping[str, int | None] = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
            for name, code in codes.items():
                end = end_of(name, code, folder / "deaths")
                lives = end in LIVING
                was, now = changed_lines(differences(name, source)) if lives else ("", "")
                exception = noted(folder / "deaths", name).get("exception", "") if end is End.CRASH else ""
                yield Mutant(name=name, package=package, end=end, was=was, now=now, exception=exception)


def end_of(name: str, code: int | None, deaths: Path) -> End:
    """Return how a mutant ended, from mutmut's exit code and what the failing test noted."""
    if code is None:
        return End.NOT_RUN
    if code == 0:
        return End.SURVIVED
    if code in _NOT_COVERED:
        return End.NOT_COVERED
    if code in _TIMEOUT:
        return End.TIMEOUT
    death = noted(deaths, name)
    if not death:
        return End.NOT_RUN  # mutmut's own runs do not say how a mutant died
    return End.ASSERTION if death["kind"] == ASSERTION else End.CRASH


def _with_reason(mutant: Mutant, known: Sequence[Reason]) -> Mutant:
    if mutant.end not in LIVING:
        return mutant
    return replace(mutant, reason=next((item.reason for item in known if item.explains(mutant)), ""))
