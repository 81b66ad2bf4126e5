"""The breaker service as a client sees it."""

from typing import Any

import pytest


def create(running: Any, name: str, **settings: object) -> Any:
    return running.post("/breakers", json={"name": name, "settings": settings})


def test_status_of_version_one_is_names_and_states(running: Any) -> None:
    running.breakers.guard("old-shape")

    answer = running.get("/status", headers={"API-Version": "1"})

    assert answer.json()["breakers"]["old-shape"] == "closed"
    assert "Deprecation" in answer.headers


def test_status_of_version_two_has_counts(running: Any) -> None:
    running.fail("new-shape", 3)

    found = running.standing("new-shape")

    assert (found["state"], found["counts"]) == ("closed", {"calls": 3, "failures": 3, "slow": 0})
    assert found["failure_rate"] == 100.0


def test_version_by_path_is_version_by_header(running: Any) -> None:
    headers = {"Authorization": "Bearer reader"}

    first = running.client.get("/v1/api/circuit-breakers/status", headers=headers).json()
    second = running.client.get("/v2/api/circuit-breakers/status", headers=headers).json()

    assert isinstance(first["breakers"], dict)
    assert isinstance(second["breakers"], list)


def test_created_breaker_guards_calls_with_its_settings(running: Any) -> None:
    made = create(running, "made", minimum_calls=2, cooldown_seconds=60)

    running.fail("made", 2)

    assert made.status_code == 201
    assert made.headers["Location"].endswith(made.json()["id"])
    found = running.get(f"/breakers/{made.json()['id']}").json()
    assert found["standing"]["state"] == "open"
    assert 50 < found["standing"]["retry_after_seconds"] <= 60


def test_breaker_is_found_by_its_name_as_well(running: Any) -> None:
    made = create(running, "by-name.too").json()

    assert running.post("/breakers/by-name.too/trip").json()["id"] == made["id"]
    assert running.get("/breakers/by-name.too").json()["state"] == "open"
    assert running.get("/breakers/no-such-name").status_code == 404


def test_name_that_is_taken_is_a_conflict(running: Any) -> None:
    create(running, "taken")

    assert create(running, "taken").status_code == 409


@pytest.mark.parametrize(
    "settings",
    [
        {"window_size": 0},
        {"failure_rate_threshold": 101},
        {"cooldown_seconds": -1},
        {"permitted_probes": True},
        {"minimum_calls": "10"},
        {"window": "days"},
        {"unknown": 1},
    ],
    ids=str,
)
def test_settings_out_of_range_or_of_another_type_are_refused(running: Any, settings: dict[str, Any]) -> None:
    assert create(running, "refused", **settings).status_code == 422


def test_change_needs_the_current_etag_and_keeps_what_it_does_not_name(running: Any) -> None:
    made = create(running, "changed", minimum_calls=7).json()
    path = f"/breakers/{made['id']}"
    body = {"settings": {"window_size": 50}}

    missing = running.ask("PATCH", path, json=body)
    right = running.ask(
        "PATCH", path, json=body, headers={"If-Match": made["etag"], "Accept-Encoding": "identity"}
    )
    stale = running.ask("PATCH", path, json=body, headers={"If-Match": made["etag"]})

    assert [missing.status_code, right.status_code, stale.status_code] == [428, 200, 412]
    assert right.json()["settings"]["window_size"] == 50
    assert right.json()["settings"]["minimum_calls"] == 7
    assert right.headers["ETag"] == right.json()["etag"] != made["etag"]


def test_change_takes_effect_on_the_running_breaker(running: Any) -> None:
    made = create(running, "tightened").json()
    running.fail("tightened", 1)
    etag = {"If-Match": made["etag"]}
    running.ask("PATCH", f"/breakers/{made['id']}", json={"settings": {"minimum_calls": 2}}, headers=etag)

    running.fail("tightened", 2)

    assert running.standing("tightened")["state"] == "open"


def test_trip_opens_and_reset_closes(running: Any) -> None:
    made = create(running, "by-hand").json()

    tripped = running.post(f"/breakers/{made['id']}/trip").json()["standing"]["state"]
    reset = running.post(f"/breakers/{made['id']}/reset").json()["standing"]["state"]

    assert (tripped, reset) == ("open", "closed")


def test_reset_of_all_closes_every_open_breaker_and_counts_them(start: Any) -> None:
    running = start()
    for name in ("one", "two", "three"):
        made = create(running, name).json()
        if name != "three":
            running.post(f"/breakers/{made['id']}/trip")

    answer = running.post("/reset").json()

    assert answer == {"reset": 2}
    assert {each["state"] for each in running.get("/status").json()["breakers"]} == {"closed"}


def test_breakers_of_destinations_are_shown_under_the_name_they_are_set_by(running: Any) -> None:
    made = create(running, "mail", minimum_calls=2).json()

    running.fail("mail:one.example", 2)
    running.succeed("mail:two.example", 2)

    found = running.standing("mail")
    assert found["state"] == "open"
    assert found["counts"]["calls"] == 4
    assert "one.example" not in running.get("/status").text
    assert running.get(f"/breakers/{made['id']}").json()["instances"] == 2


def test_health_says_what_to_do_about_an_open_breaker(start: Any) -> None:
    running = start()
    running.breakers.guard("well")
    before = running.get("/health").json()
    running.fail("ill", 10)

    after = running.get("/health").json()

    assert (before["health"], after["health"]) == ("healthy", "critical")
    assert (after["total"], after["open"]) == (2, 1)
    assert [each["breaker"] for each in after["recommendations"]] == ["ill"]
    assert after["recommendations"][0]["advice"]


def test_health_warns_before_the_breaker_opens(start: Any) -> None:
    running = start()
    running.succeed("ailing", 7)
    running.fail("ailing", 3)

    assert running.get("/health").json()["health"] == "degraded"


def test_opening_raises_one_alert_that_is_acknowledged_once(running: Any) -> None:
    running.fail("alarming", 10)

    def mine() -> list[Any]:
        found = running.get("/alerts?limit=100").json()["items"]
        return [alert for alert in found if alert["breaker"] == "alarming"]

    assert running.until(lambda: len(mine()) == 1)
    alert = mine()[0]
    first = running.post(f"/alerts/{alert['id']}/acknowledge").json()
    second = running.post(f"/alerts/{alert['id']}/acknowledge", role="admin").json()
    assert (alert["severity"], alert["acknowledged_at"]) == ("critical", None)
    assert first["acknowledged_by"] == "usr-operator"
    assert second == first
    waiting = running.get("/alerts?acknowledged=false&limit=100").json()["items"]
    assert alert["id"] not in [each["id"] for each in waiting]


def test_monitoring_checks_while_it_is_on_and_not_after(start: Any) -> None:
    running = start()
    running.succeed("watched", 7)
    running.fail("watched", 3)

    started = running.post("/monitoring/start", json={"interval_seconds": 1}).json()
    warned = running.until(lambda: len(running.get("/alerts").json()["items"]) == 1)
    stopped = running.post("/monitoring/stop").json()

    assert (started["active"], stopped["active"]) == (True, False)
    assert warned
    assert running.get("/alerts").json()["items"][0]["reason"] == "failure-rate-rising"
    assert running.get("/monitoring").json()["checks"] >= 1


def test_monitoring_starts_without_a_body(running: Any) -> None:
    started = running.post("/monitoring/start")
    running.post("/monitoring/stop")

    assert started.json()["interval_seconds"] == 5


def test_events_after_the_last_one_a_client_has_are_streamed_again(running: Any) -> None:
    made = create(running, "told").json()
    running.post(f"/breakers/{made['id']}/trip")
    running.post(f"/breakers/{made['id']}/reset")

    def told() -> list[str]:
        answer = running.get("/events?seconds=1", headers={"Last-Event-ID": "0-0"})
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [line for line in answer.text.splitlines() if '"told"' in line]

    events = told()

    assert len(events) == 2
    assert '"after": "open"' in events[0]
    assert '"after": "closed"' in events[1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/breakers"),
        ("POST", "/reset"),
        ("POST", "/monitoring/start"),
        ("POST", "/monitoring/stop"),
        ("PATCH", "/breakers/brk_00000000000000000000000000"),
        ("POST", "/breakers/brk_00000000000000000000000000/trip"),
        ("POST", "/alerts/alt_00000000000000000000000000/acknowledge"),
    ],
)
def test_only_operators_change_anything(running: Any, method: str, path: str) -> None:
    body = {"name": "x", "settings": {}} if path == "/breakers" else {"settings": {}}

    assert running.ask(method, path, role="user", json=body).status_code == 403


def test_open_breaker_is_seen_by_another_process_within_a_second(start: Any) -> None:
    first, second = start(), start()
    second.breakers.guard("shared")

    first.fail("shared", 10)

    assert second.until(lambda: second.standing("shared")["state"] == "open")
    assert 0 < second.standing("shared")["retry_after_seconds"] <= 10


def test_reset_in_one_process_closes_the_breaker_in_the_other(start: Any) -> None:
    first, second = start(), start()
    second.breakers.guard("shared")
    first.fail("shared", 10)
    assert second.until(lambda: second.standing("shared")["state"] == "open")

    second.post(f"/breakers/{second.standing('shared')['id']}/reset")

    assert first.until(lambda: first.standing("shared")["state"] == "closed")


def test_settings_changed_in_one_process_hold_in_the_other(start: Any) -> None:
    first, second = start(), start()
    made = create(first, "agreed").json()
    second.succeed("agreed", 1)

    etag = {"If-Match": made["etag"]}
    first.ask("PATCH", f"/breakers/{made['id']}", json={"settings": {"minimum_calls": 2}}, headers=etag)

    guard = second.breakers.guard("agreed")
    assert second.until(lambda: guard.settings.minimum_calls == 2)


def test_open_breaker_stays_open_over_a_restart(start: Any) -> None:
    first = start()
    made = create(first, "lasting", cooldown_seconds=600).json()
    first.post(f"/breakers/{made['id']}/trip")

    second = start()

    assert second.until(lambda: second.standing("lasting")["state"] == "open")


def test_state_handlers_make_what_they_name(running: Any) -> None:
    def state(name: str) -> dict[str, Any]:
        body = {"state": name, "action": "setup", "params": {}}
        return dict(running.client.post("/_control/states", json=body).json())

    opened, alerted = state("an open breaker"), state("a breaker alert")

    assert running.standing(opened["breaker_name"])["state"] == "open"
    assert running.post(f"/alerts/{alerted['alert_id']}/acknowledge").status_code == 200
