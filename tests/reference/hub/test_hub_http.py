"""The hub behind the gateway."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.reference.serving import Serving, serving

MESSAGE = {"channel": "webhook", "to": "https://receiver.example.com/hooks", "text": "hello"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("hub")) as started:
        yield started


def post_raw(served: Serving, body: str) -> Any:
    media = {"Content-Type": "application/json"}
    return served.call("POST", "/api/hub/messages", content=body, headers=media)


def test_an_accepted_message_can_be_read_back_with_its_history(served: Serving) -> None:
    accepted = served.call(
        "POST", "/api/hub/messages", json=MESSAGE | {"priority": "HIGH", "data": {"a": 1.5}}
    )

    read = served.call("GET", f"/api/hub/messages/{accepted.json()['id']}")

    assert accepted.status_code == 202
    assert read.json() == accepted.json() | {"history": []}
    assert (read.json()["priority"], read.json()["state"], read.json()["data"]) == (
        "HIGH",
        "queued",
        {"a": 1.5},
    )


@pytest.mark.parametrize(
    "change",
    [
        {"priority": "URGENT"},
        {"priority": 0},
        {"channel": "pigeon"},
        {"owner": "usr_bob"},
        {"max_attempts": 0},
        {"max_attempts": True},
        {"max_attempts": "3"},
        {"text": ""},
        {"text": "\x00"},
        {"to": "receiver.example.com"},
        {"data": [1]},
        {"send_at": "2026-01-01T00:00:00"},
    ],
)
def test_input_that_the_schema_does_not_allow_is_a_422_problem(
    served: Serving, change: dict[str, object]
) -> None:
    answer = post_raw(served, json.dumps(MESSAGE | change))

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"].startswith("/")


@pytest.mark.parametrize("data", ['{"n":1e999}', '{"a":"\\ud800"}', '{"a":NaN}'])
def test_json_that_no_store_can_hold_is_refused(served: Serving, data: str) -> None:
    body = f'{{"channel":"webhook","to":"https://receiver.example.com/","text":"x","data":{data}}}'

    answer = post_raw(served, body)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "to", ["https://127.0.0.1/", "https://10.0.0.1:443/x", "http://receiver.example.com/"]
)
def test_a_recipient_that_must_not_be_reached_is_a_403(served: Serving, to: str) -> None:
    answer = served.call("POST", "/api/hub/messages", json=MESSAGE | {"to": to})

    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/problems/recipient-refused")


def test_foreign_and_unknown_messages_get_the_same_answer(served: Serving) -> None:
    mine = served.call("POST", "/api/hub/messages", json=MESSAGE).json()["id"]
    unknown = mine[:-1] + ("0" if mine[-1] != "0" else "1")

    answers = [served.call("GET", f"/api/hub/messages/{key}", token="bob") for key in (mine, unknown)]

    bodies = [
        {k: v for k, v in each.json().items() if k not in {"instance", "request_id"}} for each in answers
    ]
    assert [each.status_code for each in answers] == [404, 404]
    assert bodies[0] == bodies[1]


def test_a_batch_is_accepted_in_order(served: Serving) -> None:
    batch = [MESSAGE | {"text": str(n)} for n in range(3)]

    accepted = served.call("POST", "/api/hub/messages/batch", json={"messages": batch})

    assert accepted.status_code == 202
    assert [each["text"] for each in accepted.json()["messages"]] == ["0", "1", "2"]


def test_a_reader_may_look_but_not_send(served: Serving) -> None:
    assert served.call("GET", "/api/hub/queues", token="reader").status_code == 200
    assert served.call("POST", "/api/hub/messages", token="reader", json=MESSAGE).status_code == 403


def test_a_repeated_idempotency_key_enqueues_once(served: Serving) -> None:
    headers = {"Idempotency-Key": "order-1"}

    first, second = (
        served.call("POST", "/api/hub/messages", token="bob", json=MESSAGE, headers=headers) for _ in range(2)
    )

    listed = served.call("GET", "/api/hub/messages", token="bob").json()["items"]
    assert first.json()["id"] == second.json()["id"]
    assert len(listed) == 1


def test_a_dead_letter_names_its_reason_and_can_be_redriven(served: Serving) -> None:
    state = {"state": "a dead letter", "action": "setup", "params": {"token": "alice"}}
    made = served.client.post("/_control/states", json=state).json()["message_id"]

    dead = served.call("GET", "/api/hub/dead-letters").json()["items"]
    redriven = served.call("POST", f"/api/hub/dead-letters/{made}/redrive")
    again = served.call("POST", f"/api/hub/dead-letters/{made}/redrive")

    assert [(each["id"], each["reason"].split()[0]) for each in dead] == [(made, "address_refused")]
    assert (redriven.status_code, redriven.json()["state"], redriven.json()["reason"]) == (
        202,
        "queued",
        None,
    )
    assert again.status_code == 409


def test_channels_are_listed_checked_and_tried(served: Serving) -> None:
    health = served.call("GET", "/api/hub/channels/webhook/health")
    tried = served.call("POST", "/api/hub/channels/webhook/test", json={"to": "https://127.0.0.1/"})

    assert served.call("GET", "/api/hub/channels").json()["channels"][0]["id"] == "webhook"
    assert health.json() == {"channel": "webhook", "status": "healthy", "reason": None}
    assert tried.status_code == 403
    assert served.call("GET", "/api/hub/channels/pigeon/health").status_code == 404


def test_the_caller_can_stop_what_still_waits(served: Serving) -> None:
    sent = served.call("POST", "/api/hub/messages", json=MESSAGE).json()["id"]

    assert served.call("POST", f"/api/hub/messages/{sent}/cancel").json()["state"] == "cancelled"
    assert served.call("POST", f"/api/hub/messages/{sent}/cancel").status_code == 409
