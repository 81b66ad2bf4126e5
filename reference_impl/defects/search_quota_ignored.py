"""Search goes on asking a provider that said when to come back."""

from collections.abc import Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_QuietSeconds = Callable[[float | None], float]


class _NoPause:
    """Leaves the provider alone for no time at all."""

    def __init__(self, right: _QuietSeconds, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, asked: float | None) -> float:
        self._probe.reached()
        if self._right(asked) > 0:
            self._probe.triggered()
        return 0.0


class _LittleLonger:
    """The twin: half a second more than it was asked for."""

    def __init__(self, right: _QuietSeconds, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, asked: float | None) -> float:
        self._probe.reached()
        return self._right(asked) + 0.5


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("search.quiet_seconds", _NoPause(policies["search.quiet_seconds"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("search.quiet_seconds", _LittleLonger(policies["search.quiet_seconds"], probe))


DEFECT = Defect(
    id="search-quota-ignored",
    family="retry",
    title="Search goes on asking a provider that said when to come back.",
    breaks=("search.quota-obeyed",),
    apply=_apply,
    twin=_twin,
)
