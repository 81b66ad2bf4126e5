"""A failing case is sent again before it is reported: alone, then at the end of its walk."""

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from harness.core.operation import Operation
from harness.layers.fuzz.asking_again import AskingAgain
from harness.layers.fuzz.report import Mode, SentCase, SentRequest
from harness.layers.fuzz.rules import RULES
from tests.acceptance.servers import Answer, serving

ITEM = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
DOCUMENT: Mapping[str, Any] = {
    "paths": {"/items/{id}": {"get": {"responses": {"200": {"content": CONTENT}}}}},
    "components": {"schemas": {"Item": ITEM}},
}
GET_ITEM = Operation(method="GET", path="/items/{id}", responses={"200": ("application/json",), "404": ()})


def case(
    uri: str,
    status: int = 200,
    content: object = None,
    *,
    method: str = "GET",
    body: object = None,
    **headers: str,
) -> SentCase:
    return SentCase(
        id="x1",
        label="GET /items/{id}",
        phase="fuzzing",
        method=method,
        path="/items/{id}",
        mode=Mode.POSITIVE,
        status=status,
        media_type="application/json",
        content=b"" if content is None else json.dumps(content).encode(),
        request=SentRequest(
            method=method,
            uri=uri,
            headers=tuple(headers.items()),
            body=b"" if body is None else json.dumps(body).encode(),
        ),
    )


def answering(
    status: int, body: object, media_type: str = "application/json"
) -> Callable[[str, str], Answer]:
    return lambda _method, _path: (status, media_type, json.dumps(body).encode())


def again(check: str, sent: SentCase, answer: Callable[[str, str], Answer]) -> str:
    with serving(answer) as (url, _):
        asking = AskingAgain({}, DOCUMENT, seconds=10)
        request = sent.request
        assert request is not None
        moved = case(
            url + request.uri, sent.status or 0, json.loads(sent.content or b"null"), method=sent.method
        )
        return asking(RULES[check], GET_ITEM, moved)


@pytest.mark.parametrize(
    ("check", "first", "same", "other"),
    [
        ("not_a_server_error", case("/items/1", 500), answering(503, {}), answering(200, {"id": 1})),
        ("status_code_conformance", case("/items/1", 418), answering(418, {}), answering(404, {})),
        (
            "content_type_conformance",
            case("/items/1"),
            answering(200, {}, "text/html"),
            answering(200, {"id": 1}),
        ),
        (
            "response_schema_conformance",
            case("/items/1", 200, {"id": "a"}),
            answering(200, {"id": "b"}),
            answering(200, {"id": 2}),
        ),
        ("negative_data_rejection", case("/items/x", 200), answering(200, {}), answering(422, {})),
        ("positive_data_acceptance", case("/items/1", 400), answering(400, {}), answering(200, {"id": 1})),
        ("ignored_auth", case("/items/1", 200), answering(200, {"id": 1}), answering(401, {})),
    ],
)
def test_each_rule_is_applied_to_the_second_answer(
    check: str, first: SentCase, same: Callable[[str, str], Answer], other: Callable[[str, str], Answer]
) -> None:
    assert again(check, first, same) == ""
    assert again(check, first, other).startswith("answer ")


def test_a_walk_is_walked_again_with_the_identities_of_this_time() -> None:
    made = iter(range(50, 60))

    def answer(method: str, path: str) -> Answer:
        if method == "POST":
            return 201, "application/json", json.dumps({"id": next(made)}).encode()
        return (500 if path == "/items/50" else 404), "application/json", b"{}"

    with serving(answer) as (url, seen):
        before = (case(f"{url}/items", 201, {"id": 7}, method="POST", body={"name": "a"}),)
        broken = case(f"{url}/items/7", 500)

        assert (
            AskingAgain({}, DOCUMENT, seconds=10)(RULES["not_a_server_error"], GET_ITEM, broken, before) == ""
        )

    assert seen == [("GET", "/items/7"), ("POST", "/items"), ("GET", "/items/50")]


def test_a_hidden_credential_is_given_again_and_never_to_prove_that_none_is_needed() -> None:
    given: list[str] = []

    class Probe(AskingAgain):
        def _sent_headers(self, request: SentRequest, *, with_credential: bool) -> Any:
            sent = list(super()._sent_headers(request, with_credential=with_credential))
            given.extend(value for name, value in sent if name == "Authorization")
            return iter(sent)

    with serving(answering(200, {"id": 1})) as (url, _):
        asking = Probe({"Authorization": "Bearer real"}, DOCUMENT, seconds=10)
        for check in ("not_a_server_error", "ignored_auth"):
            asking(RULES[check], GET_ITEM, case(f"{url}/items/1", Authorization="[Filtered]"))

    assert given == ["Bearer real", "not-a-credential"]


class KeepsItsWord(BaseHTTPRequestHandler):
    """Fails once under a key, and then has nothing but the stored answer for it."""

    known: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        key = self.headers["Idempotency-Key"]
        self.send_response(409 if key in self.known else 500)
        self.end_headers()
        self.known.add(key)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


def test_what_was_sent_under_a_key_is_sent_again_under_another() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), KeepsItsWord)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        KeepsItsWord.known.add(used := str(uuid.uuid4()))
        sent = case(
            f"http://127.0.0.1:{server.server_port}/items/1", 500, method="GET", **{"idempotency-key": used}
        )

        assert AskingAgain({}, DOCUMENT, seconds=10)(RULES["not_a_server_error"], GET_ITEM, sent) == ""
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_target_that_is_gone_and_a_time_that_is_over_confirm_nothing() -> None:
    gone = AskingAgain({}, DOCUMENT, seconds=10)
    late = AskingAgain({}, DOCUMENT, seconds=-1)
    broken = case("http://127.0.0.1:9/items/1", 500)

    assert "refused" in gone(RULES["not_a_server_error"], GET_ITEM, broken)
    assert "no time" in late(RULES["not_a_server_error"], GET_ITEM, broken)
