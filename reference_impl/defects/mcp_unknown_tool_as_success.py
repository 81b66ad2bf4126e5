"""A call of a tool that does not exist is answered with a result that does not say it is an error."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.messages import TO_SERVERS, Message, each_message, result_of
from reference_impl.defects.rewriting import harmless_answers, wrong_answers

_WORDS = ("unknown tool", "no such tool", "no tool")


def _is_of_unknown_tool(message: Message) -> bool:
    said = str(message.get("error") or (message.get("result") if result_of(message, "isError") else ""))
    return any(words in said.lower() for words in _WORDS)


def _as_success(message: Message) -> Message | None:
    if not _is_of_unknown_tool(message):
        return None
    told = {name: member for name, member in message.items() if name != "error"}
    return {**told, "result": {"content": [{"type": "text", "text": "There is no such tool."}]}}


def _as_result(message: Message) -> Message | None:
    """An error may be told as a result that says so."""
    if not _is_of_unknown_tool(message):
        return None
    told = {name: member for name, member in message.items() if name != "error"}
    content = [{"type": "text", "text": "There is no such tool."}]
    return {**told, "result": {"content": content, "isError": True}}


DEFECT = Defect(
    id="mcp-unknown-tool-as-success",
    family="mcp",
    title="A call of a tool that does not exist is answered with a result that does not say it is an error.",
    breaks=("mcp.unknown-tools-refused",),
    apply=wrong_answers(TO_SERVERS, each_message(_as_success)),
    twin=harmless_answers(TO_SERVERS, each_message(_as_result)),
)
