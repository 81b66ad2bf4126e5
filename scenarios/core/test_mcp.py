"""MCP tools answer by their schemas, take only their arguments, and only from those who may call them."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.core_profile import Account, Accounts
from harness.layers.scenarios.doors import StubDoor
from harness.layers.scenarios.expect import expect_refused, expect_status
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.mcp_client import HELLO, CallEnd, McpSession
from harness.layers.scenarios.signals import Inconclusive, baseline

Tools = Mapping[str, tuple[str, Mapping[str, Any]]]
Open = Callable[[httpx.Client, str], McpSession]


@pytest.fixture
def open_session(target: ScenarioContext) -> Open:
    """Opens a session with a server as anybody."""
    if not target.mcp:
        raise Inconclusive("no-mcp", "The target file names no MCP server.")

    def open_as(client: httpx.Client, path: str) -> McpSession:
        session = McpSession(client, path)
        session.open()
        return session

    return open_as


@pytest.fixture
def tools(target: ScenarioContext, visitor: Account, open_session: Open) -> Tools:
    """Every tool that a user sees, by its subject, server/tool: the server's path and the tool."""
    found: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for path in target.mcp:
        for tool in open_session(visitor.client, path).tools():
            found[f"{path.rstrip('/').rpartition('/')[2]}/{tool['name']}"] = (path, tool)
    if not found:
        raise Inconclusive("no-tools", "No MCP server lists a tool for a user.")
    return found


def arguments_for(tool: Mapping[str, Any]) -> dict[str, object]:
    """Return the least arguments that a tool's schema asks for."""
    schema = tool["inputSchema"]
    properties = schema.get("properties", {})
    return {name: value_for(properties.get(name, {})) for name in schema.get("required", ())}


def value_for(schema: Mapping[str, Any]) -> object:
    """Return a value that a simple schema accepts."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    return {"boolean": True, "array": [], "object": {}}.get(str(kind), "circuit breaker")


@pytest.mark.requirement("docs.mcp-tools-described")
def test_every_tool_says_what_it_does_and_what_it_takes(tools: Tools, judged: Judged) -> None:
    """Each tool has a description, and so has each of its arguments."""
    for subject, (_, tool) in tools.items():
        with judged(subject):
            assert len(str(tool.get("description", ""))) >= 10, f"{tool['name']} does not say what it does"
            properties = tool.get("inputSchema", {}).get("properties", {})
            for name, schema in properties.items():
                assert schema.get("description"), f"the argument {name} of {tool['name']} has no description"


@pytest.mark.requirement("mcp.tools-answer-to-schema")
@pytest.mark.usefixtures("breakers_reset")
def test_a_tools_answer_is_valid_by_its_output_schema(
    tools: Tools, visitor: Account, open_session: Open, judged: Judged
) -> None:
    """A call with proper arguments is carried out, and its structured result is valid by the schema."""
    for subject, (path, tool) in tools.items():
        with judged(subject):
            assert tool.get("outputSchema"), f"{tool['name']} lists no output schema"
            end = open_session(visitor.client, path).call(tool["name"], arguments_for(tool))
            assert end.was_carried_out, f"{tool['name']} answered {end.error or end.result}"
            structured = (end.result or {}).get("structuredContent")
            errors = list(Draft202012Validator(tool["outputSchema"]).iter_errors(structured))
            assert not errors, f"the result of {tool['name']} is not valid: {errors[0].message}"


@pytest.mark.requirement("mcp.unknown-arguments-refused")
@pytest.mark.usefixtures("breakers_reset")
def test_an_argument_that_a_tool_does_not_know_is_refused(
    tools: Tools, visitor: Account, open_session: Open, judged: Judged
) -> None:
    """A call with an unknown argument, or with one of a wrong type, is not carried out."""
    for subject, (path, tool) in tools.items():
        with judged(subject):
            session = open_session(visitor.client, path)
            good = arguments_for(tool)
            with baseline():
                end = session.call(tool["name"], good)
                assert end.was_carried_out, f"{tool['name']} refuses proper arguments"
            unknown = session.call(f"no_such_{tool['name']}", good)
            assert not unknown.was_carried_out, "a tool that does not exist was carried out"
            for wrong in wrong_arguments(good):
                end = session.call(tool["name"], wrong)
                assert not end.was_carried_out, f"{tool['name']} carried out a call with {wrong}"
                assert end.status < 500, f"{tool['name']} answered {end.status} to {wrong}"


def wrong_arguments(good: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Yield arguments with something that no tool can want."""
    yield {**good, "no_such_argument": 1}
    yield {**good, "__proto__": {}}
    for name in good:
        yield {**good, name: {"nested": "instead of a plain value"}}
        yield {each: value for each, value in good.items() if each != name}


@pytest.mark.requirement("mcp.permission-on-call")
def test_a_tool_is_called_only_by_those_who_may(
    tools: Tools, accounts: Accounts, client: httpx.Client, open_session: Open, judged: Judged
) -> None:
    """A call is refused without credentials, and for an identity without the tool's permission."""
    guest = accounts.shared("guest")
    for subject, (path, tool) in tools.items():
        with judged(subject):
            good = arguments_for(tool)
            anonymous = McpSession(client, path)
            expect_status(anonymous.post("tools/call", {"name": tool["name"], "arguments": good}), 401, 403)
            session = McpSession(guest.client, path)
            if session.post("initialize", HELLO).status_code in {401, 403}:
                continue
            end = open_session(guest.client, path).call(tool["name"], good)
            assert not end.was_carried_out, f"{tool['name']} was carried out for a guest: {end.result}"


@pytest.mark.requirement("mcp.tools-listed-by-permission")
@pytest.mark.usefixtures("breakers_reset")
def test_a_caller_is_shown_only_tools_that_it_may_call(
    tools: Tools, accounts: Accounts, open_session: Open, judged: Judged
) -> None:
    """Whatever tool is listed for an identity without permissions is carried out for it, too."""
    guest = accounts.shared("guest")
    for subject, (path, tool) in tools.items():
        with judged(subject):
            if McpSession(guest.client, path).post("initialize", HELLO).status_code in {401, 403}:
                continue
            session = open_session(guest.client, path)
            if tool["name"] not in {each["name"] for each in session.tools()}:
                continue
            end = session.call(tool["name"], arguments_for(tool))
            assert end.was_carried_out, f"{tool['name']} is listed for a guest, who may not call it"


@pytest.mark.requirement("mcp.session-bound-to-caller")
def test_a_session_is_of_use_to_nobody_but_the_one_who_opened_it(
    target: ScenarioContext, accounts: Accounts, open_session: Open
) -> None:
    """Somebody else who knows a session's id is refused, and the session goes on for its owner."""
    owner, stranger = accounts(), accounts()
    bound = 0
    for path in target.mcp:
        session = open_session(owner.client, path)
        with baseline():
            shown = session.tools()
        if not session.id:
            continue
        bound += 1
        for method, params in (("tools/list", {}), ("ping", {})):
            answer = McpSession(stranger.client, path).within(session.id).post(method, params)
            expect_refused(answer, when=f"({method}) in the session of another user")
        assert session.tools() == shown, "the session is not what it was before a stranger came"
    if not bound:
        raise Inconclusive("no-sessions", "No MCP server gives out session ids.")


@pytest.mark.requirement("mcp.degraded-results-marked")
@pytest.mark.usefixtures("breakers_reset")
def test_a_tool_says_when_its_provider_could_not_be_asked(
    tools: Tools, visitor: Account, stubs: Callable[[str], StubDoor], open_session: Open, judged: Judged
) -> None:
    """While the search provider fails, a search tool's result is an error or says that it is degraded."""
    brave = stubs("brave")
    searching = {subject: each for subject, each in tools.items() if subject.startswith("brave-search/")}
    if not searching:
        raise Inconclusive("no-search-tools", "No tool of the server brave-search is listed.")
    for subject, (path, tool) in searching.items():
        with judged(subject):
            brave.clear()
            session = open_session(visitor.client, path)
            arguments = {**arguments_for(tool), "query": f"never asked before {uuid.uuid4().hex}"}
            with baseline():
                first = session.call(tool["name"], arguments)
                assert first.was_carried_out, f"{tool['name']} is not carried out while all is well"
                assert not is_degraded(first), f"{tool['name']} is degraded while all is well"
            brave.mode("error", status=500)
            end = session.call(tool["name"], {**arguments, "query": f"nor this {uuid.uuid4().hex}"})
            assert not end.was_carried_out or is_degraded(end), (
                f"{tool['name']} does not say that its provider could not be asked: {end.result}"
            )


def is_degraded(end: CallEnd) -> bool:
    """Whether a result says that it is degraded."""
    return ((end.result or {}).get("structuredContent") or {}).get("degraded") is True
