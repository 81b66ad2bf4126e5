"""Without its provider search gives earlier answers however old they are."""

from collections.abc import Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_MayServe = Callable[[float], bool]
_HALF_A_DAY = 12 * 3600.0


class _AnyAge:
    """Better an old answer than none."""

    def __init__(self, right: _MayServe, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, age_seconds: float) -> bool:
        self._probe.reached()
        if not self._right(age_seconds):
            self._probe.triggered()
        return True


class _HalfADay:
    """The twin: forgets twice as fast as it would have to."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, age_seconds: float) -> bool:
        self._probe.reached()
        return age_seconds <= _HALF_A_DAY


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("search.cache_age", _AnyAge(policies["search.cache_age"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("search.cache_age", _HalfADay(probe))


DEFECT = Defect(
    id="search-stale-for-ever",
    family="resilience",
    title="Without its provider search gives earlier answers however old they are.",
    breaks=("search.stale-answers-expire",),
    apply=_apply,
    twin=_twin,
)
