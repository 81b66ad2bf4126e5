"""Tools are listed for everybody, whoever may call them."""

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.access import Principal
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.mcp.models import ToolSpec
from reference_impl.mcp.policies import ToolPermission


class _Everything:
    """Hides nothing."""

    def __init__(self, right: ToolPermission, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, principal: Principal, tool: ToolSpec) -> bool:
        self._probe.reached()
        if not self._right(principal, tool):
            self._probe.triggered()
        return True


class _KnownOnly:
    """The twin: hides tools from those without any permission before it looks at the tool's own."""

    def __init__(self, right: ToolPermission, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, principal: Principal, tool: ToolSpec) -> bool:
        self._probe.reached()
        return bool(principal.permissions) and self._right(principal, tool)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.list_permission", _Everything(policies["mcp.list_permission"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.list_permission", _KnownOnly(policies["mcp.list_permission"], probe))


DEFECT = Defect(
    id="mcp-list-shows-all-tools",
    family="mcp",
    title="Tools are listed for everybody, whoever may call them.",
    breaks=("mcp.tools-listed-by-permission",),
    apply=_apply,
    twin=_twin,
)
