"""Nothing but reads leaves for a deployment until its owner consented to more."""

import json

import pytest

from harness.evidence.gate import Policy, Question, Stop

READ_ONLY = Policy(graphql=("/graphql",), mcp=("/mcp/x",), never=("POST /auth/logout", "/internal/*"))
WRITING = Policy(may_write=True, destructive=("DELETE /items/{id}",), prefix="/api")


def question(method: str, target: str, body: object = None, *headers: str, more: bytes = b"") -> Question:
    content = b"" if body is None else (body.encode() if isinstance(body, str) else json.dumps(body).encode())
    lines = [f"{method} {target} HTTP/1.1", "Host: x", *headers]
    if body is not None:
        lines.append(f"Content-Length: {len(content)}")
    read = Question.read("\r\n".join((*lines, "", "")).encode() + content + more)
    assert read is not None
    return read


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reads_go(method: str) -> None:
    assert READ_ONLY.stop(question(method, "/items?x=1")) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_nothing_else_goes_without_consent(method: str) -> None:
    assert READ_ONLY.stop(question(method, "/items", {})) is Stop.NO_CONSENT_WRITES


@pytest.mark.parametrize(
    "query",
    [
        "{a}",
        'query Q($mutation: Int) { mutation: a(x: "mutation {") }',
        "# mutation\n{ __schema { mutationType { name } } }",
    ],
)
def test_a_graphql_query_is_a_read(query: str) -> None:
    assert READ_ONLY.stop(question("POST", "/graphql", {"query": query})) is None


@pytest.mark.parametrize(
    "body",
    [
        {"query": "mutation { a }"},
        {"query": "query A {a} mutation B {b}"},
        {"query": "\n  mutation($x: Int) { a }"},
        {"query": "subscription { a }"},
        [{"query": "{a}"}, {"query": "mutation M{a}"}],
        {"id": "persisted"},
        "no json",
        [],
    ],
)
def test_anything_else_posted_to_graphql_is_no_read(body: object) -> None:
    assert READ_ONLY.stop(question("POST", "/graphql", body)) is Stop.NO_CONSENT_WRITES


def test_a_mutation_in_a_query_string_is_no_read() -> None:
    assert READ_ONLY.stop(question("GET", "/graphql?query=mutation%7Ba%7D")) is Stop.NO_CONSENT_WRITES
    assert READ_ONLY.stop(question("GET", "/graphql?query=%7Ba%7D")) is None


def test_mcp_may_be_initialised_and_listed_and_not_called() -> None:
    def asked(method: str) -> Stop | None:
        return READ_ONLY.stop(question("POST", "/mcp/x", {"jsonrpc": "2.0", "id": 1, "method": method}))

    assert [asked(name) for name in ("initialize", "tools/list", "notifications/initialized")] == [None] * 3
    assert asked("tools/call") is Stop.NO_CONSENT_WRITES


def test_ones_own_mcp_session_may_be_ended() -> None:
    assert READ_ONLY.stop(question("DELETE", "/mcp/x", None, "Mcp-Session-Id: 1")) is None
    assert READ_ONLY.stop(question("DELETE", "/items/1", None, "Mcp-Session-Id: 1")) is Stop.NO_CONSENT_WRITES


def test_a_second_request_does_not_hide_behind_a_read() -> None:
    hidden = question("GET", "/a", None, more=b"DELETE /b HTTP/1.1\r\n\r\n")
    streamed = question("GET", "/a", None, "Transfer-Encoding: chunked")

    assert READ_ONLY.stop(hidden) is Stop.NO_CONSENT_WRITES
    assert READ_ONLY.stop(streamed) is Stop.NO_CONSENT_WRITES


def test_a_websocket_is_no_read_for_what_is_said_in_it_is_unseen() -> None:
    assert READ_ONLY.stop(question("GET", "/ws", None, "Upgrade: websocket")) is Stop.NO_CONSENT_WRITES


def test_consent_to_writes_is_no_consent_to_destroy() -> None:
    assert WRITING.stop(question("POST", "/api/items", {})) is None
    assert WRITING.stop(question("DELETE", "/api/items/7")) is None
    assert WRITING.stop(question("DELETE", "/api/users/7")) is Stop.NO_CONSENT_DESTRUCTIVE
    assert WRITING.stop(question("DELETE", "/items/7")) is Stop.NO_CONSENT_DESTRUCTIVE


def test_what_must_never_be_called_is_not_called_with_a_real_credential() -> None:
    policy = Policy(
        may_write=True, never=READ_ONLY.never, credentials=frozenset({("authorization", "Bearer real")})
    )

    assert policy.stop(question("POST", "/auth/logout", {}, "Authorization: Bearer real")) is Stop.NEVER
    assert policy.stop(question("GET", "/internal/x/y", None, "Authorization: Bearer real")) is Stop.NEVER
    assert policy.stop(question("POST", "/auth/logout", {}, "Authorization: Bearer forged")) is None


def test_it_waits_for_a_body_that_decides_and_for_no_other() -> None:
    head = "POST {} HTTP/1.1\r\nContent-Length: 20\r\n\r\n{{"
    graph, other = (Question.read(head.format(path).encode()) for path in ("/graphql", "/items"))
    assert graph is not None
    assert other is not None

    assert READ_ONLY.waits_for_body(graph)
    assert not READ_ONLY.waits_for_body(other)
