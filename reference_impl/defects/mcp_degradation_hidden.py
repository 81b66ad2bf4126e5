"""A search tool gives the empty answer of a failed provider as if nothing had been found."""

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.access import Principal
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.mcp.models import SearchAnswer
from reference_impl.mcp.ports import SearchPort


class _AllFresh:
    """Marks nothing as degraded."""

    def __init__(self, right: SearchPort, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def web(self, principal: Principal, query: str, *, count: int) -> SearchAnswer:
        return await self._unmarked(self._right.web(principal, query, count=count))

    async def news(self, principal: Principal, query: str, *, count: int) -> SearchAnswer:
        return await self._unmarked(self._right.news(principal, query, count=count))

    async def _unmarked(self, searching: Awaitable[SearchAnswer]) -> SearchAnswer:
        self._probe.reached()
        answer = await searching
        if answer.degraded:
            self._probe.triggered()
        return replace(answer, degraded=False)


class _FewerHits:
    """The twin: never more than five results, marked as is right."""

    def __init__(self, right: SearchPort, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    async def web(self, principal: Principal, query: str, *, count: int) -> SearchAnswer:
        self._probe.reached()
        return await self._right.web(principal, query, count=min(count, 5))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.search", _AllFresh(policies["mcp.search"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.search", _FewerHits(policies["mcp.search"], probe))


DEFECT = Defect(
    id="mcp-degradation-hidden",
    family="mcp",
    title="A search tool gives the empty answer of a failed provider as if nothing had been found.",
    breaks=("mcp.degraded-results-marked",),
    apply=_apply,
    twin=_twin,
)
