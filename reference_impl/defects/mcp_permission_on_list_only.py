"""A tool is hidden from callers without its permission, but called for them all the same."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.access import Principal
from reference_impl.kit.model import Wire
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.mcp.models import ToolSpec
from reference_impl.mcp.policies import ReadArguments, ToolPermission

_let_in: ContextVar[bool] = ContextVar("mcp_call_let_in", default=False)


class _Anybody:
    """Lets every call pass, and remembers whom it should have stopped."""

    def __init__(self, right: ToolPermission, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, principal: Principal, tool: ToolSpec) -> bool:
        self._probe.reached()
        _let_in.set(not self._right(principal, tool))
        return True


class _Watched:
    """A call with arguments that do not fit is not carried out; the others are."""

    def __init__(self, right: ReadArguments, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, model: type[Wire], given: object) -> Mapping[str, Any]:
        arguments = self._right(model, given)
        if _let_in.get():
            self._probe.triggered()
        return arguments


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.call_permission", _Anybody(policies["mcp.call_permission"], probe))
    policies.replace("mcp.arguments", _Watched(policies["mcp.arguments"], probe))


DEFECT = Defect(
    id="mcp-permission-on-list-only",
    family="mcp",
    title="A tool's permission is asked for when tools are listed, not when one is called.",
    breaks=("mcp.permission-on-call",),
    apply=_apply,
)
