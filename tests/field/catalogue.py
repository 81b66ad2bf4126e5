"""Reads what can be wrong with the services that were written for the trial."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

HOME = Path(__file__).parent
SERVICES = ("lending", "tickets", "shop", "notes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a defect is, over all services."""

    id: str
    family: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """A defect that a service can have; `slot` is the decision that it replaces.

    `unseen` says why no client of the service can see it, where that is so.
    """

    id: str
    where: str
    slot: str
    unseen: str = ""


def load_kinds(folder: Path = HOME) -> Mapping[str, Kind]:
    """Return every kind of defect by its id."""
    rows = yaml.safe_load((folder / "kinds.yaml").read_text(encoding="utf-8"))
    return {name: Kind(id=name, family=row["family"], title=row["title"]) for name, row in rows.items()}


def load_possible(service: str, folder: Path = HOME) -> tuple[Possible, ...]:
    """Return the defects that a service can have."""
    rows = yaml.safe_load((folder / service / "catalogue.yaml").read_text(encoding="utf-8"))
    return tuple(Possible(**row) for row in rows)
