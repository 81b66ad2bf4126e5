"""The stubs answer as the services do, refuse wrong requests, fail on demand and remember what came."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

STUBS = Path(__file__).parents[2] / "scenarios" / "stubs"
TOKEN = {"X-Subscription-Token": "token"}
DELIVERY = {
    "Content-Type": "application/json",
    "webhook-id": "msg_1",
    "webhook-timestamp": "1764000000",
    "webhook-signature": "v1," + "A" * 43 + "=",
}


def running(name: str) -> Iterator[httpx.Client]:
    command = [sys.executable, str(STUBS / name), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with httpx.Client(base_url=process.stdout.readline().strip(), timeout=5) as client:
            yield client
        process.terminate()


@pytest.fixture(scope="module")
def brave_process() -> Iterator[httpx.Client]:
    yield from running("brave.py")


@pytest.fixture(scope="module")
def webhook_process() -> Iterator[httpx.Client]:
    yield from running("webhook.py")


@pytest.fixture
def brave(brave_process: httpx.Client) -> httpx.Client:
    brave_process.delete("/__stub/requests")
    return brave_process


@pytest.fixture
def webhook(webhook_process: httpx.Client) -> httpx.Client:
    webhook_process.delete("/__stub/requests")
    return webhook_process


def test_web_search_answers_as_many_results_as_asked_about_the_query(brave: httpx.Client) -> None:
    answer = brave.get("/res/v1/web/search", params={"q": "tides", "count": 3}, headers=TOKEN)

    results = answer.json()["web"]["results"]
    assert len(results) == 3
    assert all("tides" in each["title"] for each in results)


def test_news_search_answers_news(brave: httpx.Client) -> None:
    answer = brave.get("/res/v1/news/search", params={"q": "tides", "count": 50}, headers=TOKEN)

    assert [each["type"] for each in answer.json()["results"]] == ["news_result"] * 50


def test_the_second_page_holds_other_results(brave: httpx.Client) -> None:
    pages = [
        brave.get("/res/v1/web/search", params={"q": "a", "count": 2, "offset": page}, headers=TOKEN)
        for page in (0, 1)
    ]

    first, second = ({each["url"] for each in page.json()["web"]["results"]} for page in pages)
    assert not first & second


@pytest.mark.parametrize(
    ("params", "place"),
    [
        ({}, "query:q"),
        ({"q": " "}, "query:q"),
        ({"q": "x" * 401}, "query:q"),
        ({"q": "a", "count": "21"}, "query:count"),
        ({"q": "a", "count": "0"}, "query:count"),
        ({"q": "a", "offset": "10"}, "query:offset"),
        ({"q": "a", "safesearch": "sometimes"}, "query:safesearch"),
        ({"q": "a", "limit": "5"}, "query:limit"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(
    brave: httpx.Client, params: dict[str, str], place: str
) -> None:
    answer = brave.get("/res/v1/web/search", params=params, headers=TOKEN)

    assert answer.status_code == 422
    assert {"loc": place.split(":")}.items() <= answer.json()["error"]["meta"]["errors"][0].items()


def test_a_missing_token_is_refused_and_the_refusal_is_remembered(brave: httpx.Client) -> None:
    answer = brave.get("/res/v1/web/search", params={"q": "a"})

    assert answer.status_code == 422
    assert brave.get("/__stub/requests").json()["requests"][0]["wrong"] == ["header:x-subscription-token"]


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        ({"mode": "error"}, 500),
        ({"mode": "error", "status": 503}, 503),
        ({"mode": "rate-limited", "retry_after": "7"}, 429),
        ({"mode": "redirect", "location": "http://127.0.0.1:1/"}, 302),
        ({"mode": "garbage"}, 200),
    ],
)
def test_a_mode_bends_every_answer_until_it_is_cleared(
    brave: httpx.Client, mode: dict[str, object], status: int
) -> None:
    assert brave.post("/__stub/mode", json=mode).status_code == 200

    bent = brave.get("/res/v1/web/search", params={"q": "a"}, headers=TOKEN)
    brave.delete("/__stub/requests")
    straight = brave.get("/res/v1/web/search", params={"q": "a"}, headers=TOKEN)

    assert (bent.status_code, straight.status_code) == (status, 200)


def test_garbage_is_no_json(brave: httpx.Client) -> None:
    brave.post("/__stub/mode", json={"mode": "garbage"})

    answer = brave.get("/res/v1/web/search", params={"q": "a"}, headers=TOKEN)

    with pytest.raises(ValueError, match="Unterminated"):
        answer.json()


def test_rate_limited_says_when_to_come_back(brave: httpx.Client) -> None:
    brave.post("/__stub/mode", json={"mode": "rate-limited", "retry_after": "7"})

    answer = brave.get("/res/v1/web/search", params={"q": "a"}, headers=TOKEN)

    assert answer.headers["Retry-After"] == "7"


def test_slow_outlasts_a_client_that_does_not_wait(brave: httpx.Client) -> None:
    brave.post("/__stub/mode", json={"mode": "slow", "seconds": 20})

    with pytest.raises(httpx.ReadTimeout):
        brave.get("/res/v1/web/search", params={"q": "a"}, headers=TOKEN, timeout=0.2)


def test_flaky_fails_as_often_as_told_and_then_answers(webhook: httpx.Client) -> None:
    webhook.post("/__stub/mode", json={"mode": "flaky:2", "path": "/hooks/a"})

    statuses = [webhook.post("/hooks/a", json={}, headers=DELIVERY).status_code for _ in range(4)]

    assert statuses == [503, 503, 200, 200]


def test_a_mode_of_one_path_leaves_the_others_alone(webhook: httpx.Client) -> None:
    webhook.post("/__stub/mode", json={"mode": "error", "path": "/hooks/a"})

    statuses = [webhook.post(f"/hooks/{name}", json={}, headers=DELIVERY).status_code for name in "ab"]

    assert statuses == [500, 200]


@pytest.mark.parametrize("left_out", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_delivery_without_one_of_its_headers_is_refused(webhook: httpx.Client, left_out: str) -> None:
    headers = {name: value for name, value in DELIVERY.items() if name != left_out}

    answer = webhook.post("/hooks/a", json={}, headers=headers)

    assert answer.status_code == 400
    assert left_out in " ".join(answer.json()["wrong"])


def test_deliveries_are_remembered_in_order_with_their_headers_and_bodies(webhook: httpx.Client) -> None:
    for number in (1, 2):
        webhook.post("/hooks/a", json={"number": number}, headers=DELIVERY)
    webhook.post("/hooks/b", json={}, headers=DELIVERY)

    remembered = webhook.get("/__stub/requests", params={"path": "/hooks/a"}).json()["requests"]

    assert [each["body"] for each in remembered] == ['{"number":1}', '{"number":2}']
    assert remembered[0]["headers"]["webhook-id"] == "msg_1"


@pytest.mark.parametrize(
    "mode", [{"mode": "angry"}, {"mode": "flaky"}, {"mode": "redirect"}, {"mode": "ok", "pth": "/"}]
)
def test_a_mode_that_makes_no_sense_is_refused(brave: httpx.Client, mode: dict[str, str]) -> None:
    assert brave.post("/__stub/mode", json=mode).status_code == 400
