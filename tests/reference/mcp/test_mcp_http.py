"""The brave-search server behind the gateway: who gets in, what they see, what they may call."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.reference.serving import Serving, serving

URL = "/mcp/brave-search"
ACCEPT = {"Accept": "application/json, text/event-stream"}
METADATA = "/.well-known/oauth-protected-resource/mcp/brave-search"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("mcp")) as started:
        yield started


def message(
    method: str, params: dict[str, object] | None = None, number: int | None = 1
) -> dict[str, object]:
    body: dict[str, object] = {"jsonrpc": "2.0", "method": method, "params": params or {}}
    return body if number is None else body | {"id": number}


INITIALIZE = message(
    "initialize",
    {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
)


def answer_of(response: Any) -> Any:
    if response.headers["content-type"].startswith("text/event-stream"):
        data = [line[5:] for line in response.text.splitlines() if line.startswith("data:")]
        return json.loads(data[-1])
    return response.json()


class Session:
    """A client's session, and who speaks in it."""

    def __init__(self, served: Serving, token: str) -> None:
        self.served = served
        self.token = token
        opened = served.call("POST", URL, token=token, json=INITIALIZE, headers=ACCEPT)
        assert opened.status_code == 200, opened.text
        self.id = opened.headers["mcp-session-id"]
        self.post(message("notifications/initialized", number=None))

    def post(self, body: dict[str, object], token: str | None = None, **headers: str) -> Any:
        return self.served.call(
            "POST",
            URL,
            token=token or self.token,
            json=body,
            headers=ACCEPT | {"Mcp-Session-Id": self.id, "MCP-Protocol-Version": "2025-06-18"} | headers,
        )

    def ask(self, method: str, params: dict[str, object] | None = None, token: str | None = None) -> Any:
        return answer_of(self.post(message(method, params), token))

    def call_tool(self, name: str, arguments: object, token: str | None = None) -> Any:
        return self.ask("tools/call", {"name": name, "arguments": arguments}, token)


def test_without_a_token_the_door_names_the_metadata_that_is_served_there(served: Serving) -> None:
    refused = served.client.post(URL, json=INITIALIZE, headers=ACCEPT)

    challenge = refused.headers["www-authenticate"]
    metadata = served.client.get(METADATA)
    assert refused.status_code == 401
    assert f'resource_metadata="http://127.0.0.1:8000{METADATA}"' in challenge
    assert metadata.json()["resource"] == "http://127.0.0.1:8000/mcp/brave-search"
    assert metadata.json()["authorization_servers"] == ["http://127.0.0.1:8000"]


def test_a_wrong_token_is_refused_as_invalid(served: Serving) -> None:
    refused = served.call("POST", URL, token="forged", json=INITIALIZE, headers=ACCEPT)

    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    assert "resource_metadata" in refused.headers["www-authenticate"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1.evil.example"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:8000@evil.example"},
    ],
)
def test_a_foreign_origin_or_host_is_a_403(served: Serving, headers: dict[str, str]) -> None:
    assert served.call("POST", URL, json=INITIALIZE, headers=ACCEPT | headers).status_code == 403


def test_our_own_origin_is_let_in(served: Serving) -> None:
    own = {"Origin": "http://127.0.0.1:8000"}

    assert served.call("POST", URL, json=INITIALIZE, headers=ACCEPT | own).status_code == 200


def test_a_tool_answers_with_structured_content_marked_untrusted(served: Serving) -> None:
    result = Session(served, "alice").call_tool("web_search", {"query": "otters", "count": 3.0})["result"]

    assert result["structuredContent"]["results"][0]["url"] == "https://e.org/"
    assert result["structuredContent"]["trust"] == "untrusted"
    assert served.search.asked[-1] == ("web", "usr_alice", "otters", 3)


def test_tools_are_listed_with_closed_schemas(served: Serving) -> None:
    tools = Session(served, "alice").ask("tools/list")["result"]["tools"]

    assert [tool["name"] for tool in tools] == ["web_search", "news_search"]
    for tool in tools:
        assert tool["inputSchema"]["additionalProperties"] is False
        assert tool["outputSchema"]["properties"]["results"]["type"] == "array"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"query": "x", "bogus": 1}, "bogus is not an argument of this tool"),
        ({}, "query is missing"),
        ({"query": ""}, "query is too short"),
        ({"query": 7}, "query must be text"),
        ({"query": "x", "count": 21}, "count is too large"),
        ({"query": "x", "count": True}, "count must be a whole number"),
        ({"query": "x", "count": "5"}, "count must be a whole number"),
    ],
)
def test_arguments_that_do_not_fit_are_named_in_our_own_words(
    served: Serving, arguments: dict[str, object], fault: str
) -> None:
    asked = len(served.search.asked)

    result = Session(served, "alice").call_tool("web_search", arguments)["result"]

    text = result["content"][0]["text"]
    assert result["isError"] is True
    assert text == f"The arguments do not fit web_search: {fault}."
    assert len(served.search.asked) == asked


def test_a_tool_without_permission_is_hidden_and_refused(served: Serving) -> None:
    session = Session(served, "nothing")
    asked = len(served.search.asked)

    assert session.ask("tools/list")["result"]["tools"] == []
    refused = session.call_tool("web_search", {"query": "x"})

    assert refused["error"]["message"] == "insufficient_scope"
    assert refused["error"]["data"] == {"required": ["search:read"]}
    assert len(served.search.asked) == asked


def test_an_unknown_tool_is_a_protocol_error(served: Serving) -> None:
    assert Session(served, "alice").call_tool("rm", {})["error"]["code"] == -32602


@pytest.mark.parametrize("method", ["POST", "DELETE", "GET"])
def test_a_session_is_of_no_use_to_anybody_else(served: Serving, method: str) -> None:
    session = Session(served, "alice")
    headers = ACCEPT | {"Mcp-Session-Id": session.id}

    stolen = served.call(method, URL, token="bob", headers=headers, json=message("tools/list"))

    assert stolen.status_code == 404
    assert "result" in session.ask("tools/list")


def test_what_goes_wrong_inside_stays_inside(served: Serving) -> None:
    result = Session(served, "alice").call_tool("web_search", {"query": "crash"})

    assert result["result"]["isError"] is True
    assert "hunter2" not in json.dumps(result)


def test_search_that_is_down_is_an_error_result_and_shows_in_the_registry(served: Serving) -> None:
    session = Session(served, "alice")
    served.search.is_down = True
    try:
        result = session.call_tool("news_search", {"query": "x"})["result"]
        listed = served.call("GET", "/api/mcp/servers").json()["servers"][0]
    finally:
        served.search.is_down = False

    assert result["isError"] is True
    assert "Search is down." in result["content"][0]["text"]
    assert (listed["status"], listed["reason"]) == ("degraded", "Search is down.")


def test_the_registry_describes_what_the_caller_may_use(served: Serving) -> None:
    mine = served.call("GET", "/api/mcp/servers").json()["servers"][0]
    theirs = served.call("GET", "/api/mcp/servers", token="nothing").json()["servers"][0]

    assert (mine["name"], mine["status"]) == ("brave-search", "healthy")
    assert [tool["name"] for tool in mine["tools"]] == ["web_search", "news_search"]
    assert theirs["tools"] == []
    assert mine["fingerprint"] != theirs["fingerprint"]


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}', "application/json", 400),
        (b"[]", "application/json", 400),
    ],
)
def test_what_is_not_a_message_of_a_session_is_refused(
    served: Serving, content: bytes, media: str, status: int
) -> None:
    answer = served.call("POST", URL, content=content, headers=ACCEPT | {"Content-Type": media})

    assert answer.status_code == status


def test_an_unknown_session_is_a_404(served: Serving) -> None:
    headers = ACCEPT | {"Mcp-Session-Id": "0" * 32}

    assert served.call("POST", URL, json=message("tools/list"), headers=headers).status_code == 404
