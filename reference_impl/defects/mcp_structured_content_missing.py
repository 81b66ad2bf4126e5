"""A tool's result is text alone, although the tool promises structured content."""

from mcp.server.context import HandlerResult
from mcp_types import CallToolResult

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.mcp.policies import ToolResult

_MEMBER = "structuredContent"


class _TextAlone:
    """Leaves the structured content out."""

    def __init__(self, right: ToolResult, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, result: HandlerResult) -> HandlerResult:
        self._probe.reached()
        whole = self._right(result)
        if isinstance(whole, CallToolResult) and whole.structured_content is not None:
            self._probe.triggered()
            return whole.model_copy(update={"structured_content": None})
        if isinstance(whole, dict) and whole.get(_MEMBER) is not None:
            self._probe.triggered()
            return {name: member for name, member in whole.items() if name != _MEMBER}
        return whole


class _WithMeta:
    """The twin: the protocol allows metadata beside the content."""

    def __init__(self, right: ToolResult, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, result: HandlerResult) -> HandlerResult:
        self._probe.reached()
        whole = self._right(result)
        return {**whole, "_meta": {"example.org/server": "search"}} if isinstance(whole, dict) else whole


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.result", _TextAlone(policies["mcp.result"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.result", _WithMeta(policies["mcp.result"], probe))


DEFECT = Defect(
    id="mcp-structured-content-missing",
    family="mcp",
    title="A tool's result is text alone, although the tool promises structured content.",
    breaks=("mcp.tools-answer-to-schema", "mcp.structured-content-true"),
    apply=_apply,
    twin=_twin,
)
