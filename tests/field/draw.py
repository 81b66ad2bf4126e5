"""Draws a dozen defects for each service by a recorded seed; two of one slot would hide one another."""

import random
from collections.abc import Sequence

from tests.field.catalogue import SERVICES, Possible, load_possible

SEED = 20261126
DOZEN = 12


def draw(
    service: str, possible: Sequence[Possible], *, seed: int = SEED, count: int = DOZEN
) -> tuple[str, ...]:
    """Return the ids drawn, sorted: the same for the same seed, service and catalogue."""
    shuffled = random.Random(f"{seed} {service}").sample(
        sorted(possible, key=lambda item: item.id), len(possible)
    )
    taken: dict[str, str] = {}
    for item in shuffled:
        if len(taken) < count:
            taken.setdefault(item.slot, item.id)
    return tuple(sorted(taken.values()))


if __name__ == "__main__":
    for name in SERVICES:
        print(f"{name}:")
        for drawn in draw(name, load_possible(name)):
            print(f"- {drawn}")
