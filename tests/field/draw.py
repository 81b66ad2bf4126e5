"""Draws a dozen defects for each service by a recorded seed; two of one slot would hide one another."""

import argparse
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from tests.field.catalogue import HOME, SERVICES, Possible, load_possible

DOZEN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One drawing: the name of its runs, its seed, and where what it drew was committed."""

    run: str
    seed: int
    file: str

    def drawn(self) -> Mapping[str, Sequence[str]]:
        """Return the recorded drawing, by service."""
        found: dict[str, list[str]] = yaml.safe_load((HOME / self.file).read_text(encoding="utf-8"))
        return found


FIRST = Draw(run="all", seed=20261126, file="drawn.yaml")
SECOND = Draw(run="again", seed=20261127, file="drawn-again.yaml")
DRAWS = (FIRST, SECOND)


def draw(service: str, possible: Sequence[Possible], *, seed: int, count: int = DOZEN) -> tuple[str, ...]:
    """Return the ids drawn, sorted: the same for the same seed, service and catalogue."""
    shuffled = random.Random(f"{seed} {service}").sample(
        sorted(possible, key=lambda item: item.id), len(possible)
    )
    taken: dict[str, str] = {}
    for item in shuffled:
        if len(taken) < count:
            taken.setdefault(item.slot, item.id)
    return tuple(sorted(taken.values()))


def pool(service: str, which: Draw) -> tuple[Possible, ...]:
    """Return what is drawn from; after the first drawing not what no client can see, or was drawn before."""
    possible = load_possible(service)
    if which is FIRST:
        return possible
    before = {name for earlier in DRAWS[: DRAWS.index(which)] for name in earlier.drawn()[service]}
    return tuple(item for item in possible if item.id not in before and not item.unseen)


def main() -> None:
    """Print a drawing as its file has it."""
    parser = argparse.ArgumentParser(prog="python -m tests.field.draw", description=__doc__)
    parser.add_argument("run", choices=[each.run for each in DRAWS])
    which = next(each for each in DRAWS if each.run == parser.parse_args().run)
    for name in SERVICES:
        print(f"{name}:")
        for drawn in draw(name, pool(name, which), seed=which.seed):
            print(f"- {drawn}")


if __name__ == "__main__":
    main()
