"""What defects of MCP servers share: changing the JSON-RPC messages that they answer with."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_impl.defects.rewriting import Answer, Change, at
from reference_impl.kit.asgi import Scope

Message = dict[str, Any]
ChangeMessage = Callable[[Message], Message | None]
"""Makes another message; None leaves it as it is."""
TO_SERVERS = at("POST", "/mcp/")
_EVENT = b"data: "


def each_message(change: ChangeMessage) -> Change:
    """Change the messages of an answer, be it one JSON body or a stream of events."""

    def changed(_scope: Scope, answer: Answer) -> Answer:
        lines = answer.body.splitlines(keepends=True)
        others = [_line(line, change) for line in lines]
        return answer if others == lines else replace(answer, body=b"".join(others))

    return changed


def _line(line: bytes, change: ChangeMessage) -> bytes:
    text = line.strip().removeprefix(_EVENT.strip()).strip()
    if not text.startswith(b"{"):
        return line
    try:
        other = change(json.loads(text))
    except ValueError:
        return line
    return line if other is None else line.replace(text, json.dumps(other).encode())


def with_result(message: Message, **members: object) -> Message:
    """The message with other members in its result."""
    return {**message, "result": {**message["result"], **members}}


def result_of(message: Message, member: str) -> Any:
    """A member of the message's result; None where there is none."""
    result = message.get("result")
    return result.get(member) if isinstance(result, dict) else None
