"""What every answer of the gateway has in common, seen through HTTP."""

import gzip
import json
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

Bearer = Callable[[str], dict[str, str]]
THING = {"name": "lamp", "amount": 3}


def _is_problem(response: object, status: int) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status
    assert document["type"].startswith("http://127.0.0.1:8000/problems/")
    assert document["request_id"] == response.headers["x-request-id"]
    return document


def test_an_unknown_path_is_a_problem(client: TestClient) -> None:
    document = _is_problem(client.get("/nowhere"), 404)

    assert document["instance"] == "/nowhere"


def test_the_instance_of_a_problem_is_a_uri_reference(client: TestClient) -> None:
    answer = client.get("/now%5C%1Bhere")

    assert answer.json()["instance"] == "/now%5C%1Bhere"


def test_an_unhandled_error_gives_away_nothing_but_the_request_id(client: TestClient) -> None:
    response = client.get("/api/hub/broken")

    _is_problem(response, 500)
    assert "hunter2" not in response.text
    assert "RuntimeError" not in response.text
    assert ".py" not in response.text


def test_a_request_id_is_taken_over(client: TestClient) -> None:
    response = client.get("/health/live", headers={"X-Request-ID": "abc-123"})

    assert response.headers["x-request-id"] == "abc-123"


@pytest.mark.parametrize("bad", ["a b", "x" * 200, '{"a":1}', ""])
def test_a_harmful_request_id_is_replaced(client: TestClient, bad: str) -> None:
    response = client.get("/health/live", headers={"X-Request-ID": bad})

    assert response.headers["x-request-id"].startswith("req_")


def test_a_trace_is_continued_under_a_new_span(client: TestClient) -> None:
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    answered = client.get("/health/live", headers={"traceparent": given}).headers["traceparent"]

    assert answered.split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    assert answered.split("-")[2] != "b7ad6b7169203331"


def test_an_invalid_trace_begins_a_new_one(client: TestClient) -> None:
    given = f"00-{'0' * 32}-b7ad6b7169203331-01"

    answered = client.get("/health/live", headers={"traceparent": given}).headers["traceparent"]

    assert answered.split("-")[1] != "0" * 32


def test_every_answer_carries_security_headers(client: TestClient) -> None:
    for path in ("/health/live", "/nowhere", "/api/hub/broken"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


def test_a_body_over_the_limit_is_refused(client: TestClient, authorization: Bearer) -> None:
    response = client.post("/api/hub/things", content=b"x" * 5000, headers=authorization("writer"))

    _is_problem(response, 413)


def test_a_chunked_body_over_the_limit_is_refused(client: TestClient, authorization: Bearer) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(10):
            yield b"x" * 1000

    response = client.post("/api/hub/things", content=chunks(), headers=authorization("writer"))

    _is_problem(response, 413)


@pytest.mark.parametrize(
    "body", [b"{", b'{"name": NaN}', b"\xff\xfe", b'{"name": "\\ud800"}', b"[" * 100 + b"]" * 100]
)
def test_what_is_not_sensible_json_is_a_bad_request(
    client: TestClient, authorization: Bearer, body: bytes
) -> None:
    headers = {**authorization("writer"), "Content-Type": "application/json"}

    _is_problem(client.post("/api/hub/things", content=body, headers=headers), 400)


def test_brackets_inside_text_are_not_depth(client: TestClient, authorization: Bearer) -> None:
    body = json.dumps({"name": "[" * 45 + '\\"', "amount": 1}).encode() + b" " * 10

    response = client.post(
        "/api/hub/things",
        content=body,
        headers={**authorization("writer"), "Content-Type": "application/json"},
    )

    assert response.status_code == 201


def test_another_media_type_is_refused(client: TestClient, authorization: Bearer) -> None:
    response = client.post(
        "/api/hub/things",
        content=b"name=lamp",
        headers={**authorization("writer"), "Content-Type": "text/plain"},
    )

    _is_problem(response, 415)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "lamp"}, "/amount"),
        ({"name": "lamp", "amount": True}, "/amount"),
        ({"name": "lamp", "amount": "3"}, "/amount"),
        ({"name": "lamp", "amount": 3.5}, "/amount"),
        ({"name": "lamp", "amount": 3, "owner": "me"}, "/owner"),
        ({"name": "", "amount": 3}, "/name"),
    ],
)
def test_invalid_members_are_named_by_pointer(
    client: TestClient, authorization: Bearer, body: dict[str, object], pointer: str
) -> None:
    document = _is_problem(client.post("/api/hub/things", json=body, headers=authorization("writer")), 422)

    assert [error["pointer"] for error in document["errors"]] == [pointer]


def test_an_integral_float_is_an_integer_as_in_json_schema(client: TestClient, authorization: Bearer) -> None:
    response = client.post(
        "/api/hub/things", json={"name": "lamp", "amount": 3.0}, headers=authorization("writer")
    )

    assert response.status_code == 201
    assert response.json()["amount"] == 3


def test_an_unknown_query_parameter_is_refused(client: TestClient, authorization: Bearer) -> None:
    response = client.get("/api/hub/things?limit=5&limits=5", headers=authorization("reader"))

    document = _is_problem(response, 422)
    assert document["errors"] == [{"pointer": "/limits", "detail": "unknown parameter", "in": "query"}]


def test_without_credentials_a_closed_route_challenges(client: TestClient) -> None:
    response = client.get("/api/hub/things")

    _is_problem(response, 401)
    assert response.headers["www-authenticate"] == 'Bearer realm="core"'


@pytest.mark.parametrize("header", ["Bearer nobody", "Bearer", "Basic abc", "Bearer " + "x" * 9000])
def test_bad_credentials_are_an_invalid_token(client: TestClient, header: str) -> None:
    response = client.get("/api/hub/things", headers={"Authorization": header})

    _is_problem(response, 401)
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


def test_a_missing_permission_is_forbidden(client: TestClient, authorization: Bearer) -> None:
    response = client.post("/api/hub/things", json=THING, headers=authorization("reader"))

    document = _is_problem(response, 403)
    assert document["permission"] == "hub:write"
    assert 'scope="hub:write"' in response.headers["www-authenticate"]


def test_a_token_in_the_query_is_not_accepted(client: TestClient) -> None:
    assert client.get("/api/hub/things?access_token=writer").status_code == 401


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT", "TRACE", "QUERY"])
def test_405_names_the_methods_of_all_routes_of_the_path(client: TestClient, method: str) -> None:
    response = client.request(method, "/api/hub/things")

    _is_problem(response, 405)
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


def test_options_names_the_methods(client: TestClient) -> None:
    response = client.options("/api/hub/things/x")

    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, PUT, OPTIONS"


def test_head_is_get_without_a_body(client: TestClient) -> None:
    get, head = client.get("/api/hub/greeting"), client.head("/api/hub/greeting")

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]


def test_a_trailing_slash_is_not_redirected(client: TestClient, authorization: Bearer) -> None:
    response = client.get("/api/hub/things/", headers=authorization("reader"), follow_redirects=False)

    assert response.status_code in {404, 405}
    assert "location" not in response.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8000"])
def test_cors_is_closed_by_default(client: TestClient, origin: str) -> None:
    for response in (
        client.get("/health/live", headers={"Origin": origin}),
        client.options(
            "/api/hub/things", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
        ),
    ):
        assert not [name for name in response.headers if name.startswith("access-control-")]


def test_only_the_configured_origin_may_read(start: Callable[..., object]) -> None:
    client = start(cors_origins=("https://app.example",)).client

    allowed = client.get("/health/live", headers={"Origin": "https://app.example"})
    suffix = client.get("/health/live", headers={"Origin": "https://app.example.evil"})
    preflight = client.options(
        "/api/hub/things",
        headers={"Origin": "https://app.example", "Access-Control-Request-Method": "POST"},
    )

    assert allowed.headers["access-control-allow-origin"] == "https://app.example"
    assert "Origin" in allowed.headers["vary"]
    assert "access-control-allow-origin" not in suffix.headers
    assert "POST" in preflight.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    ("asked", "coding"),
    [("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("identity", None), ("gzip;q=0", None), ("", None)],
)
def test_compression_is_negotiated(client: TestClient, asked: str, coding: str | None) -> None:
    response = client.get("/api/hub/long", headers={"Accept-Encoding": asked})

    assert response.headers.get("content-encoding") == coding
    assert "Accept-Encoding" in response.headers["vary"]
    assert response.text == "long " * 1000


def test_answers_with_secrets_are_never_compressed(client: TestClient) -> None:
    response = client.post(
        "/auth/login", json={"name": "x" * 50, "amount": 1}, headers={"Accept-Encoding": "gzip"}
    )

    assert len(response.content) > 512
    assert "content-encoding" not in response.headers


def test_an_unchanged_answer_is_304_in_every_coding(client: TestClient) -> None:
    first = client.get("/api/hub/long", headers={"Accept-Encoding": "gzip"})
    again = client.get("/api/hub/long", headers={"If-None-Match": first.headers["etag"]})
    other = client.get("/api/hub/long", headers={"If-None-Match": '"two"'})

    assert first.headers["etag"] == '"one-gzip"'
    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


def test_an_edit_needs_the_state_it_edits(client: TestClient, authorization: Bearer) -> None:
    headers = authorization("writer")
    made = client.post("/api/hub/things", json=THING, headers=headers).json()
    path = f"/api/hub/things/{made['id']}"
    etag = client.get(path, headers=headers).headers["etag"]

    without = client.put(path, json=THING, headers=headers)
    weak = client.put(path, json=THING, headers={**headers, "If-Match": f"W/{etag}"})
    right = client.put(path, json={**THING, "amount": 4}, headers={**headers, "If-Match": etag})
    old = client.put(path, json=THING, headers={**headers, "If-Match": etag})

    assert [each.status_code for each in (without, weak, right, old)] == [428, 412, 200, 412]


@pytest.mark.parametrize(
    ("path", "header", "version"),
    [
        ("/api/hub/version", None, 2),
        ("/api/hub/version", "1", 1),
        ("/v1/api/hub/version", None, 1),
        ("/v2/api/hub/version", None, 2),
        ("/v1/api/hub/version", "1", 1),
    ],
)
def test_a_version_is_asked_for_by_header_or_path(
    client: TestClient, path: str, header: str | None, version: int
) -> None:
    response = client.get(path, headers={"API-Version": header} if header else {})

    assert response.json() == {"version": version}
    assert response.headers["api-version"] == str(version)
    assert ("deprecation" in response.headers) is (version == 1)
    assert ("sunset" in response.headers) is (version == 1)


def test_the_deprecation_link_leads_to_the_migration_note(client: TestClient) -> None:
    link = client.get("/v1/api/hub/version").headers["link"]
    path = link.partition(">")[0].removeprefix("<http://127.0.0.1:8000")

    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "header"),
    [("/api/hub/version", "3"), ("/api/hub/version", "latest"), ("/v1/api/hub/version", "2")],
)
def test_an_unknown_or_contradictory_version_is_refused(client: TestClient, path: str, header: str) -> None:
    _is_problem(client.get(path, headers={"API-Version": header}), 400)


def test_operations_paths_have_no_versions(client: TestClient) -> None:
    assert client.get("/v1/_control").status_code == 404


def test_a_mount_keeps_its_access_rule_and_methods(client: TestClient, authorization: Bearer) -> None:
    closed = client.get("/api/hub/raw/below")
    opened = client.get("/api/hub/raw/below", headers=authorization("reader"))
    wrong = client.delete("/api/hub/raw")

    assert closed.status_code == 401
    assert opened.text == "/api/hub/raw /api/hub/raw/below"
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_compressed_text_is_the_same_text(client: TestClient) -> None:
    with client.stream("GET", "/api/hub/long", headers={"Accept-Encoding": "gzip"}) as response:
        raw = b"".join(response.iter_raw())

    assert gzip.decompress(raw) == b"long " * 1000


def test_a_literal_path_does_not_borrow_methods_from_a_pattern(client: TestClient) -> None:
    response = client.put("/api/hub/things/all", json=THING)

    _is_problem(response, 405)
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


def test_an_answer_with_a_tag_may_be_kept_and_asked_for_again(client: TestClient) -> None:
    assert client.get("/api/hub/long").headers["cache-control"] == "private, no-cache"


def test_options_knows_versioned_paths(client: TestClient) -> None:
    assert client.options("/v1/api/hub/version").status_code == 204
