"""Search passes its provider's failure on to the caller."""

from dataclasses import replace
from typing import NoReturn

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import BadGateway
from reference_impl.search.errors import UpstreamFailed
from reference_impl.search.models import Answer, Query, Remembered, Source
from reference_impl.search.ports import Fallback


class _NoFallback:
    """Gives up when the provider does."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(
        self,
        query: Query,  # noqa: ARG002 - the port's signature
        failure: UpstreamFailed,
        remembered: Remembered | None,  # noqa: ARG002 - the port's signature
        *,
        now: float,  # noqa: ARG002 - the port's signature
    ) -> NoReturn:
        self._probe.reached()
        self._probe.triggered()
        raise BadGateway("The search provider gave no usable answer.") from failure


class _NothingEarlier:
    """The twin: never an earlier answer, always the empty one that says why."""

    def __init__(self, right: Fallback, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(
        self, query: Query, failure: UpstreamFailed, remembered: Remembered | None, *, now: float
    ) -> Answer:
        self._probe.reached()
        answer = self._right(query, failure, remembered, now=now)
        return replace(answer, hits=(), source=Source.DEGRADED, age_seconds=0)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("search.fallback", _NoFallback(probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("search.fallback", _NothingEarlier(policies["search.fallback"], probe))


DEFECT = Defect(
    id="search-fallback-missing",
    family="resilience",
    title="Search passes its provider's failure on to the caller.",
    breaks=("search.degrades-without-upstream",),
    apply=_apply,
    twin=_twin,
)
