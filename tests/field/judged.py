"""What was judged by hand: is a reported fail true, and which requirements does a kind of defect break.

The fails of the sound twins and of the released services are judged one by one (`judged/SERVICE.csv`); those
of the twins with a dozen defects, which they share with the sound ones, by rows (`judged.yaml`).
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from tests.field.catalogue import HOME

#: One finding: the service, its run, the requirement and the subject.
Key = tuple[str, str, str, str]


class Word(StrEnum):
    """What a hand check says of a reported fail."""

    TRUE = "true"
    FALSE = "false"
    DUPLICATE = "duplicate"
    OPEN = "not judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One row: fails of a requirement on matching subjects of a service, and why they are what they are."""

    service: str
    requirement: str
    subject: str
    word: Word
    why: str

    def covers(self, service: str, requirement: str, subject: str) -> bool:
        """Whether this row speaks about that fail."""
        return (
            fnmatchcase(service, self.service)
            and fnmatchcase(requirement, self.requirement)
            and fnmatchcase(subject, self.subject.replace("[", "[[]"))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One finding judged by itself.

    `how`: the `document` was looked up, a recorded `exchange ID` was read, or the service was `asked again`.
    """

    key: Key
    word: Word
    how: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was said of one finding, and whether of it alone."""

    word: Word
    is_alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """All that was judged: findings one by one, and rows for whatever is left."""

    verdicts: Mapping[Key, Verdict]
    rows: Sequence[Judgement]

    def on(self, service: str, run: str, requirement: str, subject: str) -> Judged:
        """Return what was said of a finding: of itself before what a row says."""
        verdict = self.verdicts.get((service, run, requirement, subject))
        if verdict is not None:
            return Judged(word=verdict.word, is_alone=True)
        return Judged(word=word_on(self.rows, service, requirement, subject), is_alone=False)


def load_bench() -> Bench:
    """Return all that was judged."""
    return Bench(verdicts={item.key: item for item in load_verdicts()}, rows=load_judgements())


def load_verdicts(folder: Path = HOME / "judged") -> tuple[Verdict, ...]:
    """Return the findings that were judged one by one, file by file."""
    return tuple(
        Verdict(
            key=(path.stem, row["run"], row["requirement"], row["subject"]),
            word=Word(row["word"]),
            how=row["how"],
            why=row["why"],
        )
        for path in sorted(folder.glob("*.csv"))
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    )


def load_judgements(path: Path = HOME / "judged.yaml") -> tuple[Judgement, ...]:
    """Return the rows; the first that covers a fail counts."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return tuple(
        Judgement(
            service=row["service"],
            requirement=row["requirement"],
            subject=row.get("subject", "*"),
            word=Word(str(row["word"]).lower()),
            why=row["why"],
        )
        for row in rows
    )


def word_on(judgements: Sequence[Judgement], service: str, requirement: str, subject: str) -> Word:
    """Return what a hand check said."""
    found = next((item for item in judgements if item.covers(service, requirement, subject)), None)
    return found.word if found else Word.OPEN


def load_breaks(path: Path = HOME / "breaks.yaml") -> Mapping[str, tuple[str, ...]]:
    """Return the requirements that each kind of defect breaks."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return {kind: tuple(requirements or ()) for kind, requirements in rows.items()}
