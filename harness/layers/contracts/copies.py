"""Copies of pacts that are verified in place of the files: without states, shuffled, or broken on purpose."""

import copy
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.layers.contracts.pacts import Interaction, Kind, PactFile

_MARK = "renamed_"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenCopy:
    """A pact with one interaction that asks for a member no provider gives."""

    path: Path
    interaction: Interaction
    member: str


def write_copies(
    pacts: Iterable[PactFile], directory: Path, *, keep: Callable[[Interaction], bool]
) -> tuple[Path, ...]:
    """Write the interactions that are kept, in their order; a pact that keeps none is left out."""
    written: list[Path] = []
    directory.mkdir(parents=True, exist_ok=True)
    for pact in pacts:
        positions = [item.position for item in pact.interactions if keep(item)]
        if positions:
            written.append(_write(pact, directory, positions))
    return tuple(written)


def write_shuffled(
    pacts: Iterable[PactFile], directory: Path, *, keep: Callable[[Interaction], bool], seed: int
) -> tuple[Path, ...]:
    """Write the kept interactions, and the files themselves, in another order."""
    order = random.Random(seed)  # noqa: S311 - an order to test with, nothing secret
    directory.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for pact in pacts:
        positions = [item.position for item in pact.interactions if keep(item)]
        order.shuffle(positions)
        if positions:
            written.append(_write(pact, directory, positions))
    order.shuffle(written)
    return tuple(written)


def write_broken(
    pacts: Iterable[PactFile], directory: Path, *, among: Callable[[Interaction], bool]
) -> BrokenCopy | None:
    """Rename one member that the first fitting interaction expects of the answer; None when none fits."""
    directory.mkdir(parents=True, exist_ok=True)
    for pact in pacts:
        for interaction in pact.interactions:
            if interaction.kind is not Kind.HTTP or not among(interaction):
                continue
            member = next(iter(_members(interaction)), None)
            if member is None:
                continue
            document = _select(pact, [interaction.position])
            _rename(document["interactions"][0]["response"], member)
            path = directory / pact.path.name
            path.write_text(json.dumps(document), encoding="utf-8")
            return BrokenCopy(path=path, interaction=interaction, member=member)
    return None


def _members(interaction: Interaction) -> Iterator[str]:
    body = interaction.response.body
    if isinstance(body, dict):
        yield from body


def _rename(response: dict[str, Any], member: str) -> None:
    """Rename the member and drop its rules: what is left is that a member of this name has to be there."""
    body = response["body"]
    content = body["content"] if isinstance(body, dict) and "content" in body else body
    content[f"{_MARK}{member}"] = content.pop(member)
    rules = response.get("matchingRules", {}).get("body", {})
    for path in [path for path in rules if _names(path, member)]:
        del rules[path]


def _names(path: str, member: str) -> bool:
    return any(
        path == start or path.startswith((f"{start}.", f"{start}["))
        for start in (f"$.{member}", f"$['{member}']")
    )


def _write(pact: PactFile, directory: Path, positions: list[int]) -> Path:
    path = directory / pact.path.name
    path.write_text(json.dumps(_select(pact, positions)), encoding="utf-8")
    return path


def _select(pact: PactFile, positions: list[int]) -> dict[str, Any]:
    document: Mapping[str, Any] = pact.document
    chosen = copy.deepcopy(dict(document))
    records = list(document.get("interactions", ())) or list(document.get("messages", ()))
    key = "interactions" if document.get("interactions") else "messages"
    chosen[key] = [copy.deepcopy(records[position]) for position in positions]
    return chosen
