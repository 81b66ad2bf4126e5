"""MCP: servers that answer `initialize` over streamable HTTP, and the tools they list."""

import json
from itertools import count
from typing import Any

import httpx

from harness.core.plan import Capability, CapabilityState
from harness.target.probes.protocol import Asking, Probe, capability, said

_VERSION = "2025-11-25"
_ids = count(1)


def ask(asking: Asking) -> Capability:
    """Initialise every server that the target file names and list its tools."""
    paths = asking.instance.target.mcp
    if not paths:
        return capability("mcp", CapabilityState.ABSENT, "the target file names no MCP server")
    items: list[str] = []
    seen: list[str] = []
    for path in paths:
        answer = _call(asking, path, "initialize", {
            "protocolVersion": _VERSION,
            "capabilities": {},
            "clientInfo": {"name": "core-harness", "version": "0"},
        })  # fmt: skip
        if isinstance(answer, str) or answer.status_code >= 500:
            return capability("mcp", CapabilityState.BROKEN, said(answer))
        seen.append(said(answer))
        if answer.status_code == 200:
            items += [
                f"{path.rstrip('/').rpartition('/')[2]}/{tool}" for tool in _tools(asking, path, answer)
            ]
    state = CapabilityState.PRESENT if items else CapabilityState.BROKEN
    return capability("mcp", state, "; ".join(seen), tuple(items))


def _call(asking: Asking, path: str, method: str, params: object, session: str = "") -> httpx.Response | str:
    headers = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": _VERSION,
        **({"Mcp-Session-Id": session} if session else {}),
        **asking.identity_headers(),
    }
    body: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    if not method.startswith("notifications/"):
        body["id"] = next(_ids)
    return asking.send("mcp", "POST", path, json=body, headers=headers)


def _tools(asking: Asking, path: str, initialised: httpx.Response) -> list[str]:
    session = initialised.headers.get("mcp-session-id", "")
    _call(asking, path, "notifications/initialized", {}, session)
    answer = _call(asking, path, "tools/list", {}, session)
    if session:
        headers = {"Mcp-Session-Id": session, "MCP-Protocol-Version": _VERSION, **asking.identity_headers()}
        asking.send("mcp", "DELETE", path, headers=headers)
    if isinstance(answer, str) or answer.status_code != 200:
        return []
    listed = message_of(answer).get("result", {})
    return [tool["name"] for tool in listed.get("tools", ())]


def message_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON-RPC message of an answer, which is JSON or a stream of events."""
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        for line in answer.text.splitlines():
            if line.startswith("data:") and line[5:].strip():
                return _object(line[5:])
        return {}
    return _object(answer.text)


def _object(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


PROBE = Probe(id="mcp", ask=ask)
