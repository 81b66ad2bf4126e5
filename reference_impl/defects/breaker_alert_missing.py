"""A breaker that opens raises no alert."""

from collections.abc import Callable

from reference_impl.breakers.library.states import State, StateChanged
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_IsNews = Callable[[StateChanged], bool]


class _Quiet:
    """No change is worth telling."""

    def __init__(self, right: _IsNews, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, change: StateChanged) -> bool:
        self._probe.reached()
        if self._right(change):
            self._probe.triggered()
        return False


class _Talkative:
    """The twin: every opening is told, that after a failed probe, too."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, change: StateChanged) -> bool:
        self._probe.reached()
        return change.after is State.OPEN


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.news", _Quiet(policies["breakers.news"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("breakers.news", _Talkative(probe))


DEFECT = Defect(
    id="breaker-alert-missing",
    family="resilience",
    title="A breaker that opens raises no alert.",
    breaks=("monitoring.breaker-alert-raised",),
    apply=_apply,
    twin=_twin,
)
