"""A tool does not say what its first argument means."""

from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.messages import TO_SERVERS, Message, each_message, result_of, with_result
from reference_impl.defects.rewriting import harmless_answers, wrong_answers


def _retold(message: Message, description: str | None) -> Message | None:
    tools = result_of(message, "tools")
    if not tools:
        return None
    first, *others = tools
    schema: dict[str, Any] = first["inputSchema"]
    name, *_ = schema["properties"]
    argument = {key: value for key, value in schema["properties"][name].items() if key != "description"}
    if description is not None:
        argument["description"] = description
    properties = {**schema["properties"], name: argument}
    changed = {**first, "inputSchema": {**schema, "properties": properties}}
    return with_result(message, tools=[changed, *others])


def _undescribed(message: Message) -> Message | None:
    return _retold(message, None)


def _in_other_words(message: Message) -> Message | None:
    return _retold(message, "What to look for, in the words of a person.")


DEFECT = Defect(
    id="mcp-argument-undescribed",
    family="mcp",
    title="A tool does not say what its first argument means.",
    breaks=("docs.mcp-tools-described",),
    apply=wrong_answers(TO_SERVERS, each_message(_undescribed)),
    twin=harmless_answers(TO_SERVERS, each_message(_in_other_words)),
)
