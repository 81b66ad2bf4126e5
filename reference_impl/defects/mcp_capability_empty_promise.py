"""An MCP server promises prompts and cannot list them."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.messages import TO_SERVERS, Message, each_message, result_of, with_result
from reference_impl.defects.rewriting import harmless_answers, wrong_answers

_NO_SUCH_METHOD = {"code": -32601, "message": "Method not found"}
_CAPABILITIES = "capabilities"


def _promised_only(message: Message) -> Message | None:
    held = result_of(message, _CAPABILITIES)
    if held is not None:
        return with_result(message, capabilities={**held, "prompts": {}})
    if result_of(message, "prompts") is None:
        return None
    refused = {name: member for name, member in message.items() if name != "result"}
    return {**refused, "error": _NO_SUCH_METHOD}


def _experimental(message: Message) -> Message | None:
    held = result_of(message, _CAPABILITIES)
    return None if held is None else with_result(message, capabilities={**held, "experimental": {}})


DEFECT = Defect(
    id="mcp-capability-empty-promise",
    family="mcp",
    title="An MCP server promises prompts and cannot list them.",
    breaks=("mcp.capabilities-honest",),
    apply=wrong_answers(TO_SERVERS, each_message(_promised_only)),
    twin=harmless_answers(TO_SERVERS, each_message(_experimental)),
)
