"""Every fifth list of documents fails because the store is said to be busy."""

import asyncio
from itertools import count
from typing import Any

from reference_impl.chapters.models import Reach
from reference_impl.chapters.ports import DocumentStore
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Unavailable

_EVERY = 5
_MOMENT = 0.02


class _EveryFifthFails:
    """Gives up where waiting would have helped."""

    def __init__(self, right: DocumentStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._calls = count(1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def count_documents(self, reach: Reach) -> int:
        self._probe.reached()
        if next(self._calls) % _EVERY == 0:
            self._probe.triggered()
            raise Unavailable("The store is busy. Try again in a moment.")
        return await self._right.count_documents(reach)


class _EveryFifthWaits:
    """The twin: every fifth time it takes a moment longer."""

    def __init__(self, right: DocumentStore, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._calls = count(1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def count_documents(self, reach: Reach) -> int:
        self._probe.reached()
        if next(self._calls) % _EVERY == 0:
            await asyncio.sleep(_MOMENT)
        return await self._right.count_documents(reach)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.documents", _EveryFifthFails(policies["chapters.documents"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("chapters.documents", _EveryFifthWaits(policies["chapters.documents"], probe))


DEFECT = Defect(
    id="store-gives-way-too-often",
    family="load",
    title="Every fifth list of documents fails because the store is said to be busy.",
    breaks=("load.errors-within-slo",),
    apply=_apply,
    twin=_twin,
)
