"""Rate limits as a client meets them, with Redis and without."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from reference_impl.gateway.limits import client_address

Start = Callable[..., Any]
Bearer = Callable[[str], dict[str, str]]
SMALL = 0.01  # 600 a minute becomes 6, 300 becomes 3


def test_exactly_the_surplus_is_refused_and_the_wait_is_enough(start: Start, authorization: Bearer) -> None:
    running = start(rate_scale=SMALL)
    ask = lambda: running.client.get("/api/hub/things", headers=authorization("reader"))  # noqa: E731 - three uses

    first = [ask() for _ in range(7)]
    running.clock.set_offset(float(first[-1].headers["retry-after"]))
    after = ask()

    assert [each.status_code for each in first] == [200] * 6 + [429]
    assert first[-1].headers["content-type"] == "application/problem+json"
    assert after.status_code == 200


def test_the_headers_say_the_policy_and_what_is_left(start: Start, authorization: Bearer) -> None:
    running = start(rate_scale=SMALL)

    answers = [running.client.get("/api/hub/things", headers=authorization("reader")) for _ in range(8)]

    assert {each.headers["ratelimit-policy"] for each in answers} == {'"identity";q=6;w=60'}
    left = [int(re.match(r'"identity";r=(\d+);t=\d+$', each.headers["ratelimit"])[1]) for each in answers]
    assert left == [5, 4, 3, 2, 1, 0, 0, 0]


def test_each_identity_has_its_own_budget(start: Start, authorization: Bearer) -> None:
    client = start(rate_scale=SMALL).client
    for _ in range(7):
        client.get("/api/hub/things", headers=authorization("reader"))

    assert client.get("/api/hub/things", headers=authorization("reader")).status_code == 429
    assert client.get("/api/hub/things", headers=authorization("writer")).status_code == 200


def test_a_forwarded_address_does_not_evade_the_limit(start: Start) -> None:
    client = start(rate_scale=SMALL).client

    statuses = [
        client.get(
            "/api/hub/greeting",
            headers={
                "X-Forwarded-For": f"10.0.0.{n}",
                "X-Real-IP": f"10.0.0.{n}",
                "Forwarded": f"for=10.0.0.{n}",
            },
        ).status_code
        for n in range(5)
    ]

    assert statuses == [200, 200, 200, 429, 429]


def test_a_configured_proxy_is_believed_up_to_the_first_stranger() -> None:
    scope = {"client": ("10.1.0.1", 1), "headers": [(b"x-forwarded-for", b"1.2.3.4, 5.6.7.8, 10.1.0.2")]}

    assert client_address(scope, ("10.1.0.0/16",)) == "5.6.7.8"
    assert client_address(scope, ()) == "10.1.0.1"


def test_parallel_requests_never_pass_more_than_the_quota(start: Start, authorization: Bearer) -> None:
    client = start(rate_scale=0.05).client
    ask = lambda _: client.get("/api/hub/things", headers=authorization("reader")).status_code  # noqa: E731 - mapped

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(ask, range(50)))

    assert statuses.count(200) == 30
    assert statuses.count(429) == 20


def test_without_redis_reading_goes_on_and_signing_in_does_not(start: Start, authorization: Bearer) -> None:
    client = start(redis_url="redis://127.0.0.1:1/0").client

    read = client.get("/api/hub/things", headers=authorization("reader"))
    login = client.post("/auth/login", json={"name": "x", "amount": 1})
    ready = client.get("/health/ready")

    assert read.status_code == 200
    assert login.status_code == 503
    assert int(login.headers["retry-after"]) >= 1
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert "rate_limit_blind_total 2.0" in client.get("/metrics").text


def test_health_is_never_limited(start: Start) -> None:
    client = start(rate_scale=SMALL).client

    assert {client.get("/health/live").status_code for _ in range(10)} == {200}
