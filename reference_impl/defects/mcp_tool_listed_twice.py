"""A tool is listed twice under one name."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.messages import TO_SERVERS, Message, each_message, result_of, with_result
from reference_impl.defects.rewriting import harmless_answers, wrong_answers


def _twice(message: Message) -> Message | None:
    tools = result_of(message, "tools")
    return with_result(message, tools=[*tools, tools[0]]) if tools else None


def _backwards(message: Message) -> Message | None:
    tools = result_of(message, "tools")
    return with_result(message, tools=list(reversed(tools))) if tools else None


DEFECT = Defect(
    id="mcp-tool-listed-twice",
    family="mcp",
    title="A tool is listed twice under one name.",
    breaks=("mcp.tool-schemas-valid",),
    apply=wrong_answers(TO_SERVERS, each_message(_twice)),
    twin=harmless_answers(TO_SERVERS, each_message(_backwards)),
)
