"""What defects of paging share: the twin that reads every page a second time."""

from typing import Any

from reference_impl.chapters.models import Span, Window
from reference_impl.chapters.paging import Paging
from reference_impl.kit.policies import PolicyTable, Probe

POLICY = "chapters.paging"


class _LooksTwice:
    """Reads the page a second time and gives that one."""

    def __init__(self, right: Paging, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, source: Any, window: Window) -> Span[Any]:
        self._probe.reached()
        await self._right(source, window)
        span: Span[Any] = await self._right(source, window)
        return span


def looked_twice(policies: PolicyTable, probe: Probe) -> None:
    """A twin: every page is read twice."""
    policies.replace(POLICY, _LooksTwice(policies[POLICY], probe))
