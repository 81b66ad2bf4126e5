"""A server remembers the mightiest caller it has seen and takes every later one for them."""

from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.access import Principal
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.mcp.policies import Caller


class _OneContext:
    """Keeps the caller in one place for all sessions; wrong when it has more rights than who asks."""

    def __init__(self, right: Caller, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._kept: Principal | None = None

    def __call__(self, request: Any) -> Principal:
        self._probe.reached()
        principal = self._right(request)
        if self._kept is None or len(principal.permissions) > len(self._kept.permissions):
            self._kept = principal
        if not self._kept.permissions <= principal.permissions:
            self._probe.triggered()
        return self._kept


class _AskedTwice:
    """The twin: looks at the message again for every question."""

    def __init__(self, right: Caller, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, request: Any) -> Principal:
        self._probe.reached()
        return self._right(request)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.caller", _OneContext(policies["mcp.caller"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.caller", _AskedTwice(policies["mcp.caller"], probe))


DEFECT = Defect(
    id="mcp-rights-shared-between-sessions",
    family="mcp",
    title="A server remembers the mightiest caller it has seen and takes every later one for them.",
    breaks=("mcp.permission-on-call",),
    apply=_apply,
    twin=_twin,
)
