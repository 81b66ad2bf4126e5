"""The circuit breaker before the search provider: opens in time, recovers with care, and shows its state."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harness.layers.scenarios.breaker_door import BREAKERS, SMALL, Guarded
from harness.layers.scenarios.expect import expect_status, json_of
from harness.layers.scenarios.polling import Eventually
from harness.layers.scenarios.signals import baseline

_AT_ONCE = 10


@pytest.mark.requirement("breakers.opens-at-threshold")
def test_the_breaker_opens_at_its_threshold_and_then_refuses_at_once(guarded: Guarded) -> None:
    """It is closed below its minimum of calls, opens with the failure that reaches it, then calls nobody."""
    guarded.provider("error", status=500)
    guarded.expect_calls(3, lambda: guarded.search(3), "three failures, minimum four")
    guarded.expect("closed", "3 failures of a minimum of 4 calls")
    guarded.expect_calls(1, guarded.search, "the fourth failure")
    guarded.expect("open", "4 failures of 4 calls")

    started = time.perf_counter()
    guarded.expect_calls(0, lambda: guarded.search(5), "while open")
    passed = time.perf_counter() - started

    assert passed < 2.5, f"five refused calls took {passed:.1f} s"


@pytest.mark.requirement("breakers.opens-at-threshold")
def test_the_breaker_opens_at_its_rate_and_not_below(guarded: Guarded) -> None:
    """With two of five calls failed it is closed, with three of six, half of them, it is open."""
    guarded.search(3)
    guarded.provider("error", status=500)
    guarded.search(2)
    guarded.expect("closed", "2 failures of 5 calls at a threshold of 50 %")
    guarded.search()
    guarded.expect("open", "3 failures of 6 calls at a threshold of 50 %")


@pytest.mark.requirement("breakers.failures-classified")
def test_what_the_caller_did_wrong_is_no_failure_of_the_provider(guarded: Guarded) -> None:
    """Answers of 4xx do not open the breaker: the provider works."""
    guarded.provider("error", status=404)

    guarded.expect_calls(8, lambda: guarded.search(8), "while every call is answered with 404")

    guarded.expect("closed", "8 answers of 404")


@pytest.mark.requirement("breakers.failures-classified")
@pytest.mark.depth("standard")
def test_a_provider_that_does_not_answer_in_time_fails(guarded: Guarded) -> None:
    """Calls that time out are failures like any other."""
    guarded.provider("slow", seconds=8)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: guarded.search(), range(4)))

    guarded.expect("open", "4 calls that were not answered in time")


@pytest.mark.requirement("breakers.slow-calls-counted")
@pytest.mark.depth("standard")
def test_a_provider_that_answers_well_but_too_slowly_opens_the_breaker(guarded: Guarded) -> None:
    """Calls over the slow-call limit open it at the slow-call rate, quick ones of the same kind do not."""
    guarded.configure({**SMALL, "slow_call_seconds": 0.4, "slow_call_rate_threshold": 50})
    guarded.search(4)
    guarded.expect("closed", "4 quick calls")
    guarded.provider("slow", seconds=0.6)

    guarded.search(2)
    guarded.expect("closed", "2 slow calls of the last 6 at a threshold of 50 %")
    guarded.search(1)

    guarded.expect("open", "3 slow calls of the last 6 at a threshold of 50 %")


@pytest.mark.requirement("breakers.lost-probe-replaced")
@pytest.mark.depth("standard")
def test_a_probe_that_does_not_come_back_gives_its_place_to_another_call(guarded: Guarded) -> None:
    """While the one permitted probe hangs nobody else goes through; when its time is over somebody does."""
    guarded.configure({**SMALL, "permitted_probes": 1, "probe_timeout_seconds": 10})
    guarded.open()
    guarded.provider("slow", seconds=1.2)
    guarded.cool_down()

    with ThreadPoolExecutor(2) as pool:
        before = guarded.calls
        hanging = pool.submit(guarded.search)
        with baseline("no-probe"):
            guarded.await_calls(before + 1)
            guarded.expect_calls(0, guarded.search, "while the only probe is under way")
        guarded.provider("ok")
        guarded.control.advance(11)
        guarded.expect_calls(1, guarded.search, "after the probe's time limit")
        hanging.result()

    guarded.expect("closed", "the second probe, which succeeded")


@pytest.mark.requirement("breakers.recovers-through-half-open")
def test_after_the_cool_down_only_the_permitted_probes_go_through(guarded: Guarded) -> None:
    """Of many calls at once after the cool-down two reach the provider, and their success closes it."""
    guarded.open()
    guarded.provider("slow", seconds=1.2)
    guarded.cool_down()

    def many() -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda _: guarded.search(), range(_AT_ONCE)))

    guarded.expect_calls(SMALL["permitted_probes"], many, f"{_AT_ONCE} at once, two probes permitted")
    guarded.expect("closed", "two probes that succeeded")
    guarded.provider("ok")
    guarded.expect_calls(3, lambda: guarded.search(3), "after it closed")


@pytest.mark.requirement("breakers.recovers-through-half-open")
def test_a_probe_that_fails_opens_the_breaker_again(guarded: Guarded) -> None:
    """When a probe fails the breaker is open for another cool-down, and after it success closes it."""
    guarded.open()
    guarded.expect_calls(0, guarded.search, "before the cool-down is over")
    guarded.cool_down()

    guarded.expect_calls(1, guarded.search, "the first probe after the cool-down")
    guarded.expect("open", "a failed probe")
    guarded.expect_calls(0, lambda: guarded.search(3), "after the failed probe")

    guarded.provider("ok")
    guarded.cool_down()
    guarded.expect_calls(2, lambda: guarded.search(2), "the probes of the second round")
    guarded.expect("closed", "two probes that succeeded")


@pytest.mark.requirement("breakers.status-shows-truth")
def test_the_status_shows_the_state_that_calls_meet(guarded: Guarded) -> None:
    """In every state both views show it, the counts are those of the calls, and health agrees."""
    guarded.search(2)
    standing = guarded.standing()
    assert (standing["state"], standing["counts"]["calls"]) == ("closed", 2), f"after 2 calls: {standing}"
    assert standing["counts"]["failures"] == 0, f"failures were counted without any: {standing}"
    check_views(guarded, "closed")
    guarded.provider("error", status=500)
    guarded.search(2)
    before = guarded.calls
    guarded.search()
    check_views(guarded, "open" if guarded.calls == before else "closed")
    with baseline("never-opened"):
        guarded.expect("open", "2 failures of 4 calls")
    assert guarded.standing()["refused"] >= 1, "a refused call is not counted as refused"
    guarded.provider("ok")
    guarded.cool_down()
    guarded.expect_calls(1, guarded.search, "the first probe")
    check_views(guarded, "half-open")
    guarded.expect_calls(1, guarded.search, "the second probe")
    check_views(guarded, "closed")


def check_views(guarded: Guarded, state: str) -> None:
    """Status in both versions and health say the same."""
    newest = json_of(guarded.operator.get(f"{BREAKERS}/status"))["breakers"]
    shown = next((each["state"] for each in newest if each["name"] == guarded.name), "missing")
    assert shown == state, f"the status shows {shown}, not {state}"
    older = json_of(guarded.operator.get(f"/v1{BREAKERS}/status"))["breakers"]
    assert older.get(guarded.name) == state, f"the status of version 1 shows {older.get(guarded.name)}"
    health = json_of(guarded.operator.get(f"{BREAKERS}/health"))
    named = guarded.name in {each["breaker"] for each in health["recommendations"]}
    if state == "open":
        assert health["open"] >= 1, f"health counts no open breaker: {health}"
        assert named, f"health recommends nothing for {guarded.name}: {health}"
        assert health["health"] != "healthy", f"health says healthy with an open breaker: {health}"


@pytest.mark.requirement("monitoring.breaker-alert-raised")
def test_a_breaker_that_opens_raises_an_alert(guarded: Guarded, eventually: Eventually) -> None:
    """An alert names the breaker that opened, and none was there before."""
    before = {each["id"] for each in alerts(guarded)}

    guarded.open()

    def raised() -> Mapping[str, Any]:
        fresh = [each for each in alerts(guarded) if each["id"] not in before]
        mine = [each for each in fresh if each["breaker"] == guarded.name]
        assert mine, f"no alert names {guarded.name}; new ones name {[each['breaker'] for each in fresh]}"
        return mine[0]

    alert = eventually(raised, within=5.0)
    assert alert["severity"], f"the alert has no severity: {alert}"
    assert alert["message"], f"the alert says nothing: {alert}"
    path = f"{BREAKERS}/alerts/{alert['id']}/acknowledge"
    expect_status(guarded.operator.post(path), 200, 204)
    listed_again = next(each for each in alerts(guarded) if each["id"] == alert["id"])
    assert listed_again["acknowledged_at"], "an acknowledged alert does not show it"


def alerts(guarded: Guarded) -> list[Mapping[str, Any]]:
    """Return the newest alerts."""
    items: list[Mapping[str, Any]] = json_of(guarded.operator.get(f"{BREAKERS}/alerts?limit=100"))["items"]
    return items
