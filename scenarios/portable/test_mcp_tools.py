"""Tools of MCP servers say plainly what they are, and tell what went wrong as an error."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.hidden_words import hidden_in
from harness.layers.scenarios.mcp_client import CallEnd, McpSession
from harness.layers.scenarios.samples import CannotSample, sample
from harness.layers.scenarios.signals import Inconclusive, baseline

_MOST_TOOLS = 20


@pytest.fixture
def sessions(target: ScenarioContext, identified: httpx.Client) -> Iterator[Sequence[McpSession]]:
    """An open session with each of the target's MCP servers."""
    found = [McpSession(identified, path) for path in target.mcp]
    if not found:
        raise Inconclusive("no-mcp", "The target file names no MCP server.")
    with baseline("not-let-in"):
        for session in found:
            session.open()
    yield found
    for session in found:
        session.close()


def _tools(sessions: Sequence[McpSession]) -> Iterator[tuple[McpSession, Mapping[str, Any]]]:
    for session in sessions:
        with baseline("tools-not-listed"):
            tools = session.tools()
        for tool in tools[:_MOST_TOOLS]:
            yield session, tool


def _hint(tool: Mapping[str, Any], name: str) -> bool | None:
    annotations = tool.get("annotations")
    value = annotations.get(name) if isinstance(annotations, dict) else None
    return value if isinstance(value, bool) else None


def wrong_arguments(tool: Mapping[str, Any]) -> Mapping[str, object] | None:
    """Return arguments that the tool's own schema forbids; None where it forbids nothing we can tell."""
    schema = tool.get("inputSchema")
    if not isinstance(schema, dict):
        return None
    if schema.get("required"):
        return {}
    members = schema.get("properties")
    for name, member in members.items() if isinstance(members, dict) else ():
        if isinstance(member, dict) and member.get("type") in {"integer", "number", "boolean"}:
            return {name: {"wrong": ["type"]}}
    return None


def _check_refused(session: McpSession, tool: Mapping[str, Any], arguments: Mapping[str, object]) -> None:
    end: CallEnd = session.call(str(tool["name"]), arguments)
    said = f"{session.path}: {tool['name']} with {dict(arguments)}"
    assert end.status < 500, f"{said} answered {end.status}"
    assert not end.was_carried_out, f"{said}, which its schema forbids, is answered as a success"


@pytest.mark.requirement("mcp.invalid-arguments-refused")
@pytest.mark.needs("mcp")
def test_a_reading_tool_refuses_arguments_that_its_schema_forbids(sessions: Sequence[McpSession]) -> None:
    """A tool that only reads answers wrong arguments with isError or an error."""
    judged = 0
    for session, tool in _tools(sessions):
        arguments = wrong_arguments(tool)
        if _hint(tool, "readOnlyHint") is True and arguments is not None:
            _check_refused(session, tool, arguments)
            judged += 1
    if not judged:
        raise Inconclusive("no-reading-tool", "No tool says that it only reads and forbids arguments.")


@pytest.mark.requirement("mcp.invalid-arguments-refused")
@pytest.mark.needs("mcp")
@pytest.mark.writes
def test_a_tool_refuses_arguments_that_its_schema_forbids(sessions: Sequence[McpSession]) -> None:
    """Any tool that is not declared destructive answers wrong arguments with isError or an error."""
    judged = 0
    for session, tool in _tools(sessions):
        arguments = wrong_arguments(tool)
        if _hint(tool, "destructiveHint") is not True and arguments is not None:
            _check_refused(session, tool, arguments)
            judged += 1
    if not judged:
        raise Inconclusive("no-such-tool", "No tool's schema forbids arguments that can be told.")


@pytest.mark.requirement("mcp.unknown-tools-refused")
@pytest.mark.needs("mcp")
@pytest.mark.writes
def test_a_tool_that_does_not_exist_is_not_called(sessions: Sequence[McpSession]) -> None:
    """Calling a tool of no known name is answered with an error, or with isError."""
    for session in sessions:
        end = session.call("no-such-tool-7f3a9c", {})
        assert not end.was_carried_out, f"{session.path}: a tool that does not exist was called"
        assert end.status < 500, f"{session.path}: a tool that does not exist answered {end.status}"


@pytest.mark.requirement("mcp.structured-content-true")
@pytest.mark.needs("mcp")
def test_structured_content_has_the_shape_that_was_promised(sessions: Sequence[McpSession]) -> None:
    """What a reading tool with an outputSchema gives as structuredContent fits that schema."""
    from jsonschema_rs import validator_for  # noqa: PLC0415 - only targets with MCP pay for it

    judged = 0
    for session, tool in _tools(sessions):
        schema, promised = tool.get("inputSchema"), tool.get("outputSchema")
        if _hint(tool, "readOnlyHint") is not True or not isinstance(promised, dict):
            continue
        try:
            arguments = sample({**schema, "type": "object"}, schema) if isinstance(schema, dict) else {}
            end = session.call(str(tool["name"]), arguments)
        except CannotSample:
            continue
        if not end.was_carried_out or end.result is None:
            continue
        judged += 1
        said = f"{session.path}: {tool['name']}"
        content = end.result.get("structuredContent")
        assert content is not None, f"{said} has an outputSchema and gives no structuredContent"
        error = next(iter(validator_for(promised).iter_errors(content)), None)
        assert error is None, f"{said} gives structuredContent that breaks its outputSchema: {error}"
    if not judged:
        raise Inconclusive("no-reading-tool", "No reading tool with an outputSchema could be called.")


@pytest.mark.requirement("mcp.descriptions-innocent")
@pytest.mark.needs("mcp")
def test_descriptions_hold_nothing_but_descriptions(sessions: Sequence[McpSession], judged: Judged) -> None:
    """No tool's texts hide characters or speak to the model that reads them."""
    for session, tool in _tools(sessions):
        with judged(f"{session.path.rstrip('/').rpartition('/')[2]}/{tool.get('name')}"):
            found = [each for text in _texts(tool) for each in hidden_in(text)]
            assert not found, f"{tool.get('name')} holds {found[0]}"


def _texts(node: Any) -> Iterator[str]:
    """Yield every text in a tool's own words, names of members included."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for name, value in node.items():
            yield str(name)
            yield from _texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)
