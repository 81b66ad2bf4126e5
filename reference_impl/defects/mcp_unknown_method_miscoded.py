"""An unknown method is told as a failure of the server."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.messages import TO_SERVERS, Message, each_message
from reference_impl.defects.rewriting import harmless_answers, wrong_answers

_NO_SUCH_METHOD = -32601
_INTERNAL = -32603


def _is_unknown(message: Message) -> bool:
    error = message.get("error")
    return isinstance(error, dict) and error.get("code") == _NO_SUCH_METHOD


def _miscoded(message: Message) -> Message | None:
    return {**message, "error": {**message["error"], "code": _INTERNAL}} if _is_unknown(message) else None


def _in_other_words(message: Message) -> Message | None:
    said = "This server has no such method."
    return {**message, "error": {**message["error"], "message": said}} if _is_unknown(message) else None


DEFECT = Defect(
    id="mcp-unknown-method-miscoded",
    family="mcp",
    title="An unknown method is told as a failure of the server.",
    breaks=("mcp.protocol-errors-coded",),
    apply=wrong_answers(TO_SERVERS, each_message(_miscoded)),
    twin=harmless_answers(TO_SERVERS, each_message(_in_other_words)),
)
