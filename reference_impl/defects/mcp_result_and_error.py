"""The list of tools comes with a result and an error."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.messages import TO_SERVERS, Message, each_message, result_of, with_result
from reference_impl.defects.rewriting import harmless_answers, wrong_answers


def _both(message: Message) -> Message | None:
    return {**message, "error": None} if result_of(message, "tools") is not None else None


def _with_meta(message: Message) -> Message | None:
    tools = result_of(message, "tools")
    return None if tools is None else with_result(message, _meta={"example.org/count": len(tools)})


DEFECT = Defect(
    id="mcp-result-and-error",
    family="mcp",
    title="The list of tools comes with a result and an error.",
    breaks=("mcp.messages-well-formed",),
    apply=wrong_answers(TO_SERVERS, each_message(_both)),
    twin=harmless_answers(TO_SERVERS, each_message(_with_meta)),
)
