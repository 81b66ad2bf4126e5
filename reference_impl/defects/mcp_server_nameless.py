"""An MCP server does not say who it is."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.messages import TO_SERVERS, Message, each_message, result_of, with_result
from reference_impl.defects.rewriting import harmless_answers, wrong_answers

_INFO = "serverInfo"


def _nameless(message: Message) -> Message | None:
    return with_result(message, serverInfo={"name": ""}) if result_of(message, _INFO) else None


def _titled(message: Message) -> Message | None:
    info = result_of(message, _INFO)
    return with_result(message, serverInfo={**info, "title": "Search"}) if info else None


DEFECT = Defect(
    id="mcp-server-nameless",
    family="mcp",
    title="An MCP server does not say who it is.",
    breaks=("mcp.version-negotiated",),
    apply=wrong_answers(TO_SERVERS, each_message(_nameless)),
    twin=harmless_answers(TO_SERVERS, each_message(_titled)),
)
