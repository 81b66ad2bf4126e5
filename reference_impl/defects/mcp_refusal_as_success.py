"""A call whose arguments do not fit is answered with a result that does not say it is an error."""

from mcp_types import CallToolResult

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.mcp.errors import ArgumentsRefused
from reference_impl.mcp.models import ToolSpec
from reference_impl.mcp.policies import Refusal


class _Polite:
    """Says in words what went wrong, and in its flag that nothing did."""

    def __init__(self, right: Refusal, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, tool: ToolSpec, refused: ArgumentsRefused) -> CallToolResult:
        self._probe.reached()
        self._probe.triggered()
        return self._right(tool, refused).model_copy(update={"is_error": False})


class _Briefer:
    """The twin: an error that does not say which argument it was."""

    def __init__(self, right: Refusal, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, tool: ToolSpec, _refused: ArgumentsRefused) -> CallToolResult:
        self._probe.reached()
        return self._right(tool, ArgumentsRefused(["see the input schema"]))


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.refusal", _Polite(policies["mcp.refusal"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.refusal", _Briefer(policies["mcp.refusal"], probe))


DEFECT = Defect(
    id="mcp-refusal-as-success",
    family="mcp",
    title="A call whose arguments do not fit is answered with a result that does not say it is an error.",
    breaks=("mcp.unknown-arguments-refused", "mcp.invalid-arguments-refused"),
    apply=_apply,
    twin=_twin,
)
