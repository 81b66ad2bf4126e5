"""Loaded by Schemathesis itself: of coverage cases that are alike it sends the first, then ever fewer.

A body of nested optional members has thousands of coverage cases that differ in one leaf. Sent in full, a few
such operations take all the time there is, and the operations behind them get none.
"""

from collections import Counter
from collections.abc import Hashable
from typing import Any

import schemathesis
from schemathesis.generation.case import Case
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.hooks import HookContext

from harness.layers.fuzz import fresh_keys

__all__ = ["Thinning", "filter_case", "fresh_keys"]  # Schemathesis loads one module of hooks

_ALIKE = 3
_ALL_OF_A_KIND = 30
_GROWTH = 1.2


class Thinning:
    """Counts the cases of one run; every decision hangs on their order alone, so a seed repeats them."""

    def __init__(self) -> None:
        self._alike: Counter[Hashable] = Counter()
        self._of_kind: Counter[Hashable] = Counter()
        self._next: dict[Hashable, float] = {}

    def keeps(self, kind: Hashable, description: Hashable) -> bool:
        """Whether to send one more case of a kind: few of one description, and thinner after the first."""
        self._alike[kind, description] += 1
        if self._alike[kind, description] > _ALIKE:
            return False
        self._of_kind[kind] += 1
        if self._of_kind[kind] <= _ALL_OF_A_KIND:
            return True
        if self._of_kind[kind] < self._next.get(kind, _ALL_OF_A_KIND * _GROWTH):
            return False
        self._next[kind] = self._of_kind[kind] * _GROWTH
        return True


_THINNING = Thinning()


@schemathesis.hook
def filter_case(_context: HookContext, case: Case[Any]) -> bool:
    """Keep a case of another phase, and of the coverage phase what the thinning keeps."""
    meta = case.meta
    if meta is None or not isinstance(meta.phase.data, CoveragePhaseData):
        return True
    told = meta.phase.data
    kind = (case.operation.label, meta.generation.mode, told.scenario, told.parameter_location)
    return _THINNING.keeps(kind, (told.parameter, told.description))
