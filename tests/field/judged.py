"""What was judged by hand: is a reported fail true, and which requirements does a kind of defect break."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from tests.field.catalogue import HOME


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
