"""MCP servers keep their protocol: version, capabilities, transport, errors; strangers' pages stay out."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.expect import shown
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.mcp_client import HELLO, McpSession
from harness.layers.scenarios.signals import Inconclusive, baseline

_METHOD_NOT_FOUND = -32601
_WITH_VERSION_HEADER = "2025-06-18"
_LISTS = {"tools": "tools/list", "resources": "resources/list", "prompts": "prompts/list"}
_PING = json.dumps({"jsonrpc": "2.0", "id": 901, "method": "ping"}).encode()
_NO_LETTING_IN = frozenset({401, 429, 503})


@pytest.fixture
def server(identified: httpx.Client) -> Iterator[Callable[[str], McpSession]]:
    """Returns a session that is not yet open; what was opened is closed in the end."""
    made: list[McpSession] = []

    def session(path: str) -> McpSession:
        made.append(McpSession(identified, path))
        return made[-1]

    yield session
    for each in made:
        each.close()


@pytest.fixture
def servers(target: ScenarioContext) -> tuple[str, ...]:
    """The paths of the target's MCP servers."""
    if not target.mcp:
        raise Inconclusive("no-mcp", "The target file names no MCP server.")
    return target.mcp


def opened(server: Callable[[str], McpSession], path: str) -> tuple[McpSession, Mapping[str, Any]]:
    """Return an open session and what the server says of itself."""
    session = server(path)
    with baseline("not-let-in"):
        return session, session.open()


@pytest.mark.requirement("mcp.version-negotiated")
@pytest.mark.needs("mcp")
def test_a_version_is_agreed_on(server: Callable[[str], McpSession], servers: tuple[str, ...]) -> None:
    """A known version comes back; one that nobody knows is answered with another, or with an error."""
    for path in servers:
        _, said = opened(server, path)
        assert said.get("protocolVersion"), f"{path}: initialize is answered without a protocolVersion"
        assert isinstance(said.get("capabilities"), dict), (
            f"{path}: initialize is answered without capabilities"
        )
        info = said.get("serverInfo")
        name = info.get("name") if isinstance(info, dict) else None
        assert name, f"{path}: initialize is answered without serverInfo"
        answer = server(path).post("initialize", {**HELLO, "protocolVersion": "1999-01-01"})
        assert answer.status_code < 500, f"{path}: an unknown version answered {answer.status_code}"
        assert '"protocolVersion":"1999-01-01"' not in "".join(answer.text.split()), (
            f"{path}: the server agrees to the version 1999-01-01, which does not exist"
        )


@pytest.mark.requirement("mcp.capabilities-honest")
@pytest.mark.needs("mcp")
def test_what_a_server_declares_it_answers(
    server: Callable[[str], McpSession], servers: tuple[str, ...]
) -> None:
    """Each of tools, resources and prompts that is declared can be listed."""
    listed = 0
    for path in servers:
        session, said = opened(server, path)
        for name, method in _LISTS.items():
            if name not in said["capabilities"]:
                continue
            listed += 1
            message = session.answer(method, {})
            result = message.get("result")
            given = result.get(name) if isinstance(result, dict) else None
            assert isinstance(given, list), (
                f"{path} declares {name}, and {method} is answered with {str(message)[:200]}"
            )
    if not listed:
        raise Inconclusive("nothing-declared", "No server declares tools, resources or prompts.")


@pytest.mark.requirement("mcp.protocol-errors-coded")
@pytest.mark.needs("mcp")
def test_what_is_no_request_of_the_protocol_is_told_so(
    server: Callable[[str], McpSession], servers: tuple[str, ...]
) -> None:
    """An unknown method is -32601, text that is no JSON is refused, and neither is a success or a 5xx."""
    for path in servers:
        session, _ = opened(server, path)
        answer = session.post("no/such-method", {})
        assert answer.status_code < 500, f"{path}: an unknown method answered {answer.status_code}"
        if answer.status_code == 200:
            error = session.answer("no/such-method", {}).get("error", {})
            code = error.get("code") if isinstance(error, dict) else None
            assert code == _METHOD_NOT_FOUND, f"{path}: an unknown method is told as {code}, not -32601"
        broken = session.send(b'{"jsonrpc": "2.0", "id": 1, "meth')
        said = f"{path}: a message cut in half answered {broken.status_code}"
        assert broken.status_code < 500, f"{said}: {shown(broken)}"
        assert broken.status_code >= 400 or '"error"' in broken.text, f"{said}, a success: {shown(broken)}"


@pytest.mark.requirement("mcp.transport-rules-kept")
@pytest.mark.needs("mcp")
def test_the_transport_keeps_its_rules(server: Callable[[str], McpSession], servers: tuple[str, ...]) -> None:
    """A notification is accepted with 202 and nothing; unknown versions and sessions are refused."""
    for path in servers:
        session, said = opened(server, path)
        note = session.send(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}')
        assert note.status_code == 202 or note.status_code >= 400, (
            f"{path}: a notification answered {note.status_code}, not 202"
        )
        assert note.status_code >= 400 or not note.content, f"{path}: a notification is answered with a body"
        if str(said["protocolVersion"]) >= _WITH_VERSION_HEADER:
            odd = session.send(_PING, {"MCP-Protocol-Version": "1999-01-01"})
            assert 400 <= odd.status_code < 500, (
                f"{path}: MCP-Protocol-Version: 1999-01-01 answered {odd.status_code}, not 400"
            )
        if session.has_session:
            lost = session.send(_PING, {"Mcp-Session-Id": "no-such-session-7f3a9c"})
            assert 400 <= lost.status_code < 500, (
                f"{path}: a session that was never opened answered {lost.status_code}, not 404"
            )


@pytest.mark.requirement("mcp.foreign-origin-refused")
@pytest.mark.needs("mcp")
def test_a_page_of_another_site_is_not_let_in(
    server: Callable[[str], McpSession], servers: tuple[str, ...]
) -> None:
    """A request with a foreign Origin, with its own Host or ours, is refused: DNS can be rebound."""
    hello = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": dict(HELLO)}).encode()
    for path in servers:
        opened(server, path)
        for headers in (
            {"Origin": "http://attacker.example"},
            {"Origin": "http://attacker.example", "Host": "attacker.example"},
        ):
            answer = server(path).send(hello, headers)
            if answer.status_code in _NO_LETTING_IN:
                raise Inconclusive("not-let-in", f"{path} answered {answer.status_code}.")
            said = " and ".join(f"{name}: {value}" for name, value in headers.items())
            assert answer.status_code >= 400, f"{path} with {said} answered {answer.status_code}"
            assert answer.status_code < 500, f"{path} with {said} answered {answer.status_code}"


@pytest.mark.requirement("mcp.tool-schemas-valid")
@pytest.mark.needs("mcp")
def test_tools_have_schemas_that_can_be_used(
    server: Callable[[str], McpSession], servers: tuple[str, ...], judged: Judged
) -> None:
    """Each tool has a name of its own and schemas that are valid JSON Schema for objects."""
    from jsonschema_rs import meta  # noqa: PLC0415 - only targets with MCP pay for it

    for path in servers:
        session, _ = opened(server, path)
        tools = session.tools()
        names = [str(tool.get("name")) for tool in tools]
        for tool in tools:
            with judged(f"{path.rstrip('/').rpartition('/')[2]}/{tool.get('name')}"):
                assert names.count(str(tool.get("name"))) == 1, f"{tool.get('name')} is there twice"
                schema = tool.get("inputSchema")
                assert isinstance(schema, dict), "there is no inputSchema"
                assert schema.get("type") == "object", (
                    f"inputSchema is of type {schema.get('type')}, not object"
                )
                for name in ("inputSchema", "outputSchema"):
                    given = tool.get(name, {"type": "object"})
                    assert meta.is_valid(given), f"{name} is no valid JSON Schema: {str(given)[:200]}"
                assert tool.get("outputSchema", {"type": "object"}).get("type") == "object", (
                    "outputSchema is not of type object"
                )
