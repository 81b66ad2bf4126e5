"""What scenarios speak with: tokens, metrics, paths, curl lines, patience, and the context of a run."""

import hashlib
import hmac
import json
import stat
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from harness.core.layer import Depth
from harness.core.operation import Operation
from harness.core.plan import CapabilityState
from harness.core.requirement import Profile
from harness.layers.scenarios.context import Credentials, ScenarioContext, read_context, write_context
from harness.layers.scenarios.expect import expect_refused, expect_status, json_of, member
from harness.layers.scenarios.mcp_client import McpSession
from harness.layers.scenarios.metrics import Samples
from harness.layers.scenarios.paths import concrete_path
from harness.layers.scenarios.polling import Eventually
from harness.layers.scenarios.reproduction import curl
from harness.layers.scenarios.tokens import Token, decode, encode, encode_json, public_key_spellings

HEADER, PAYLOAD = {"alg": "EdDSA", "typ": "at+jwt"}, {"sub": "usr_1", "iat": 100, "exp": 400}
COMPACT = f"{encode_json(HEADER)}.{encode_json(PAYLOAD)}.{encode(bytes(64))}"


def test_a_token_is_taken_apart_and_knows_its_lifetime() -> None:
    token = Token.parse(COMPACT)

    assert (token.header, token.payload, token.lifetime) == (HEADER, PAYLOAD, 300.0)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "e30.e30"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Token.parse(text)


def test_every_forgery_differs_from_the_token_in_what_it_forges_and_in_nothing_else() -> None:
    token = Token.parse(COMPACT)
    header, payload, signature = COMPACT.split(".")

    assert token.unsigned() == f"{header}.{payload}."
    assert json.loads(decode(token.unsigned("NONE").split(".")[0])) == {**HEADER, "alg": "NONE"}
    assert token.with_header(alg="none").split(".")[1:] == [payload, signature]
    assert token.with_payload(exp=9).split(".")[::2] == [header, signature]
    flipped = decode(token.with_flipped_signature().split(".")[2])
    assert sum(one != other for one, other in zip(flipped, bytes(64), strict=True)) == 1


def test_a_token_signed_with_a_public_key_verifies_with_these_bytes() -> None:
    signed, _, signature = Token.parse(COMPACT).signed_with_hmac(b"everybody knows").rpartition(".")

    assert decode(signature) == hmac.digest(b"everybody knows", signed.encode(), hashlib.sha256)


def test_a_public_key_is_spelled_raw_as_jwk_and_as_pem() -> None:
    spellings = list(public_key_spellings({"kty": "OKP", "crv": "Ed25519", "x": encode(bytes(range(32)))}))

    assert bytes(range(32)) in spellings
    assert any(each.startswith(b"-----BEGIN PUBLIC KEY-----") for each in spellings)
    assert any(each.startswith(b'{"kty"') for each in spellings)


def test_metrics_are_summed_over_the_labels_that_are_not_asked_for() -> None:
    samples = Samples.parse(
        "# TYPE a counter\n"
        'a_total{route="/x/{id}",status="200"} 3\na_total{route="/x/{id}",status="404"} 1.0\n'
        "b 2e1\nnonsense\n"
    )

    assert samples.total("a_total", route="/x/{id}") == 4
    assert samples.total("a_total", status="404") == 1
    assert (samples.total("b"), samples.has("c")) == (20, False)


def test_a_path_takes_the_documents_examples_and_else_values_of_the_right_type() -> None:
    document = {
        "components": {
            "parameters": {"Size": {"in": "path", "name": "size", "schema": {"enum": ["s", "m"]}}}
        },
        "paths": {
            "/a/{number}/{name}/{size}/{other}": {
                "parameters": [{"in": "path", "name": "number", "schema": {"type": "integer"}}],
                "get": {
                    "parameters": [
                        {"in": "path", "name": "name", "schema": {"type": "string", "examples": ["b c"]}},
                        {"$ref": "#/components/parameters/Size"},
                    ]
                },
            }
        },
    }
    operation = Operation(method="GET", path="/a/{number}/{name}/{size}/{other}")

    assert concrete_path(operation, document) == "/a/1/b%20c/s/1"


def test_a_curl_line_names_the_target_by_a_variable_and_quotes_what_a_shell_would_read() -> None:
    request = httpx.Request(
        "POST",
        "http://t.example/a?b=$(id)",
        headers={"Authorization": "Bearer abc", "X-Odd": "it's"},
        json={"a": "it's"},
    )

    line = curl(request, base_url="http://t.example", base_name="$TARGET")

    assert line.startswith("""curl -sS -i -X POST "$TARGET"'/a?b=$(id)' """)
    assert '-H "authorization: Bearer $TOKEN"' in line
    assert "abc" not in line
    assert '\'{"a":"it\'"\'"\'s"}\'' in line


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def failing(times: int, seen: list[int]) -> Sequence[int]:
    seen.append(1)
    assert len(seen) > times, f"asked {len(seen)} times"
    return seen


def test_patience_ends_as_soon_as_the_check_holds() -> None:
    time, seen = Time(), list[int]()

    Eventually(time.monotonic, time.sleep)(lambda: failing(3, seen), within=5, every=0.5)

    assert (len(seen), time.now) == (4, 1.5)


def test_patience_ends_with_the_last_reason_when_the_time_is_over() -> None:
    time, seen = Time(), list[int]()

    with pytest.raises(AssertionError, match="still after 2 s: asked 5 times"):
        Eventually(time.monotonic, time.sleep)(lambda: failing(99, seen), within=2, every=0.5)


def answered(status: int, content: bytes = b"{}", **headers: str) -> httpx.Response:
    request = httpx.Request("GET", "http://t.example/a?b=1")
    return httpx.Response(status, content=content, headers=headers, request=request)


def test_expectations_say_what_was_asked_and_what_was_seen() -> None:
    with pytest.raises(AssertionError, match=r"GET /a\?b=1 now answered 500, not 200 or 201: no"):
        expect_status(answered(500, b"no"), 200, 201, when="now")
    with pytest.raises(AssertionError, match="answered 200, not a refusal"):
        expect_refused(answered(200))
    with pytest.raises(AssertionError, match="answered no JSON"):
        json_of(answered(200, b"<html>"))
    with pytest.raises(AssertionError, match="no member state: "):
        json_of(answered(200, b'{"items": [{"id": 1}]}'))["items"][0]["state"]
    with pytest.raises(AssertionError, match="no member a/1"):
        member({"a": [0]}, "a", 1)


def test_a_context_comes_back_as_it_was_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    context = ScenarioContext(
        target="t",
        base_url="http://a",
        direct_url="http://b",
        profile=Profile.CORE,
        depth=Depth.STANDARD,
        mcp=("/mcp/x",),
        never=("POST /logout",),
        sessions={"alice": Credentials(name="alice", headers={"Authorization": "Bearer s"})},
        operations=(Operation(method="GET", path="/a", responses={"200": ("application/json",)}),),
        capabilities={"mcp": CapabilityState.BROKEN},
        planned={"a.b": ("x", "y")},
    )
    path = tmp_path / "context.json"

    write_context(context, path)

    assert read_context(path) == context
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def mcp(answers: dict[str, httpx.Response], seen: list[httpx.Request]) -> McpSession:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answers.get(json.loads(request.content)["method"], httpx.Response(202))

    client = httpx.Client(base_url="http://t.example", transport=httpx.MockTransport(answer))
    return McpSession(client, "/mcp")


def result(number: int, **members: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "result": members})


def test_an_mcp_session_keeps_its_id_and_reads_json_and_streams() -> None:
    stream = f'event: message\ndata: {{"jsonrpc":"2.0","method":"note"}}\n\ndata: {result(2, tools=[1])}\n\n'
    seen: list[httpx.Request] = []
    session = mcp(
        {
            "initialize": httpx.Response(
                200,
                text=result(1, serverInfo={}),
                headers={"Mcp-Session-Id": "s-1", "Content-Type": "application/json"},
            ),
            "tools/list": httpx.Response(200, text=stream, headers={"Content-Type": "text/event-stream"}),
        },
        seen,
    )

    session.open()

    assert session.tools() == [1]
    assert seen[-1].headers["Mcp-Session-Id"] == "s-1"


@pytest.mark.parametrize(
    ("answer", "was_carried_out"),
    [
        (httpx.Response(403, text="no"), False),
        (httpx.Response(200, text=json.dumps({"id": 1, "error": {"code": -32003}})), False),
        (httpx.Response(200, text=result(1, isError=True)), False),
        (httpx.Response(200, text=result(1, structuredContent={})), True),
    ],
)
def test_a_tool_call_ends_carried_out_or_refused_in_three_ways(
    answer: httpx.Response, was_carried_out: bool
) -> None:
    answer.headers["Content-Type"] = "application/json"

    assert mcp({"tools/call": answer}, []).call("t", {}).was_carried_out is was_carried_out
