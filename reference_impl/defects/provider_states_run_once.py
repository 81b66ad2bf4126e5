"""A provider state that was entered before gives what it gave the first time."""

from collections.abc import Mapping

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.composition import StateHandler
from reference_impl.kit.policies import PolicyTable, Probe

#: How often a run of all contracts enters each of these states.
_FIRST_RUN = {"an extracted document": 1, "a breaker alert": 2, "a dead letter": 3, "a queued message": 5}


class _Remembers:
    """A handler that works for the first who ask and repeats itself for all others."""

    def __init__(self, right: StateHandler, probe: Probe, *, most: int) -> None:
        self._right = right
        self._probe = probe
        self._most = most
        self._given: list[Mapping[str, object]] = []

    async def __call__(self, params: Mapping[str, object]) -> Mapping[str, object]:
        if len(self._given) < self._most:
            self._given.append(await self._right(params))
            return self._given[-1]
        self._probe.reached()
        self._probe.triggered()
        return self._given[0]


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right = policies["ops.provider_states"]

    def remembered(states: Mapping[str, StateHandler]) -> Mapping[str, StateHandler]:
        offered: Mapping[str, StateHandler] = right(states)
        return {
            name: _Remembers(handler, probe, most=_FIRST_RUN[name]) if name in _FIRST_RUN else handler
            for name, handler in offered.items()
        }

    policies.replace("ops.provider_states", remembered)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The states in another order."""
    right = policies["ops.provider_states"]

    def counted(states: Mapping[str, StateHandler]) -> Mapping[str, StateHandler]:
        probe.reached()
        return dict(sorted(right(states).items()))

    policies.replace("ops.provider_states", counted)


DEFECT = Defect(
    id="provider-states-run-once",
    family="contract-evolution",
    title="A provider state that was entered before gives what it gave the first time.",
    breaks=("testing.provider-states-repeatable",),
    apply=_apply,
    twin=_twin,
)
