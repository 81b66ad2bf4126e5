"""Tries values in the places of a target that take a caller's text."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.layers.scenarios.answers import skeleton
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.samples import CannotSample
from harness.layers.scenarios.signals import Inconclusive
from harness.layers.scenarios.slots import Slots
from harness.target.surface import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The slots of a target, and how to ask with a value in one."""

    slots: Slots
    every: Sequence[Slot]
    pace: Pace

    def each(self, wanted: Callable[[Slot], bool] = lambda _: True) -> Iterator[Slot]:
        """Yield what the pace allows; raises Inconclusive when nothing was answered with a 2xx."""
        reached = False
        for slot in self.pace.some(slot for slot in self.every if wanted(slot)):
            try:
                answer = self.slots.ask(slot, self.slots.usual(slot))
            except CannotSample:
                continue
            if answer.status_code in {401, 403, 405} or answer.status_code >= 500:
                continue
            reached = reached or answer.is_success
            yield slot
        if not reached:
            raise Inconclusive("not-reached", "No operation that takes a text answered one with 2xx.")

    def show(self, slot: Slot, value: str) -> str:
        """Return what an answer shows, without the value itself."""
        return skeleton(self.slots.ask(slot, value), value)
