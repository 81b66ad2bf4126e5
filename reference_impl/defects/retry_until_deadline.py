"""A call that fails is repeated until its deadline, however many tries that makes."""

from collections.abc import Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_TriesLeft = Callable[[int, int], bool]


class _Always:
    """There is always another try."""

    def __init__(self, right: _TriesLeft, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, tried: int, allowed: int) -> bool:
        self._probe.reached()
        if not self._right(tried, allowed):
            self._probe.triggered()
        return True


class _CountedDown:
    """The twin: counts down what is left."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, tried: int, allowed: int) -> bool:
        self._probe.reached()
        return allowed - tried > 0


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("http.tries_left", _Always(policies["http.tries_left"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("http.tries_left", _CountedDown(probe))


DEFECT = Defect(
    id="retry-until-deadline",
    family="retry",
    title="A call that fails is repeated until its deadline, however many tries that makes.",
    breaks=("search.calls-bounded",),
    apply=_apply,
    twin=_twin,
)
