"""Judges that answers of MCP servers are JSON-RPC messages that belong to their request."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.core.exchange import Request, Response
from harness.core.finding import Finding
from harness.judges.examples import exchange, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, answers, findings, json_of, text_of

_ID = "mcp-messages"
_REQUIREMENT = "mcp.messages-well-formed"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding on the target; without JSON-RPC requests there is nothing to say."""
    yield from findings(
        _observations(found),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="an answer is JSON-RPC 2.0 with the request's id and either a result or an error",
        base_url=found.base_url,
    )


def _observations(found: Recorded) -> Iterator[Observation]:
    for item, response in answers(found):
        asked = json_of(item.request)
        is_request = isinstance(asked, dict) and asked.get("jsonrpc") == "2.0" and "id" in asked
        if not is_request or response.status != 200 or response.is_truncated:
            continue
        told = _answer(response, asked["id"])
        if told is None:
            continue
        seen = _flaw(told, asked["id"])
        yield Observation(
            subject="target",
            exchange=item,
            flaw="message-malformed" if seen else "",
            seen=f"{asked.get('method')}: {seen}" if seen else "",
        )


def _answer(response: Response, wanted: Any) -> Mapping[str, Any] | None:
    """Return the one answer in a JSON body or in a stream of events."""
    if response.media_type != "text/event-stream":
        body = json_of(response)
        return body if isinstance(body, dict) else None
    for line in (text_of(response) or "").splitlines():
        if not line.startswith("data:"):
            continue
        try:
            message = json.loads(line[5:])
        except ValueError:
            continue
        if isinstance(message, dict) and message.get("id") == wanted:
            return message
    return None


def _flaw(message: Mapping[str, Any], wanted: Any) -> str:
    if message.get("jsonrpc") != "2.0":
        return "jsonrpc is not 2.0"
    if ("result" in message) is ("error" in message):
        return "it has not exactly one of result and error"
    error = message.get("error")
    if error is None:
        return "" if message.get("id") == wanted else f"the id is {message.get('id')!r}, not {wanted!r}"
    is_right = (
        isinstance(error, dict)
        and isinstance(error.get("code"), int)
        and isinstance(error.get("message"), str)
    )
    if not is_right:
        return "the error has no whole-number code or no message"
    # a server that could not read the request answers with null
    return "" if message.get("id") in (wanted, None) else f"the id is {message.get('id')!r}, not {wanted!r}"


_CALL = Request(method="POST", target="/mcp", body='{"jsonrpc": "2.0", "id": 1, "method": "ping"}')

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(replace(exchange(200, '{"jsonrpc": "2.0", "id": 1, "result": {}}'), request=_CALL)),
    bad=recorded(replace(exchange(200, '{"jsonrpc": "2.0", "id": 2, "result": {}}'), request=_CALL)),
)
