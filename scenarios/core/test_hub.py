"""The hub delivers in order of priority, tries again with patience, and says what it could not deliver."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import mean
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import ACCEPTED, Account, Accounts, Hub, Receiver, Receivers, draft
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.expect import expect_status, json_of, member
from harness.layers.scenarios.metrics import Samples
from harness.layers.scenarios.polling import Eventually
from harness.layers.scenarios.signals import baseline

Scrape = Callable[[], Samples]
_PRIORITIES = ("CRITICAL", "HIGH", "NORMAL", "LOW")
_EACH = 12
_TRIES = 6
_PATIENCE = 15.0


def clock_of(control: Control) -> datetime:
    """Return what the target takes for the present."""
    return datetime.fromisoformat(json_of(control.describe())["clock"]["now"])


@pytest.mark.requirement("hub.priority-strict")
def test_what_waits_is_delivered_by_priority(
    hub: Hub, receiver: Receiver, control: Control, eventually: Eventually
) -> None:
    """Of messages that wait together all CRITICAL go before all HIGH, then NORMAL, then LOW."""
    due = (clock_of(control) + timedelta(seconds=30)).isoformat()
    for _ in range(_EACH):
        hub.send_all(
            [draft(receiver, priority=each, subject=each, send_at=due) for each in reversed(_PRIORITIES)]
        )
    assert not receiver.deliveries(), "messages were delivered before their time"

    control.advance(31)

    def all_delivered() -> Sequence[str]:
        order = [delivery_priority(each) for each in receiver.deliveries()]
        assert len(order) >= _EACH * len(_PRIORITIES), f"{len(order)} of {_EACH * 4} were delivered"
        return order

    order = eventually(all_delivered, within=_PATIENCE)
    for above, below in pairwise(_PRIORITIES):
        wrong = inversions(order, above, below)
        share = wrong / _EACH**2
        assert share <= 0.35, (
            f"in {share:.0%} of the pairs a {below} message was delivered before a {above} one; "
            f"the order was {' '.join(each[0] for each in order)}"
        )
    far = inversions(order, "CRITICAL", "LOW") + inversions(order, "CRITICAL", "NORMAL")
    assert far == 0, f"{far} times a NORMAL or LOW message overtook a CRITICAL one"


def delivery_priority(delivery: Mapping[str, Any]) -> str:
    """Return the priority that a delivered message names."""
    return next(each for each in _PRIORITIES if f'"{each}"' in delivery["body"].upper())


def inversions(order: Sequence[str], above: str, below: str) -> int:
    """Count the pairs in which the lower priority came first; what is in flight together may swap."""
    wrong = earlier_below = 0
    for each in order:
        earlier_below += each == below
        wrong += earlier_below if each == above else 0
    return wrong


@pytest.mark.requirement("hub.retries-with-backoff")
@pytest.mark.depth("standard")
def test_a_failing_delivery_is_tried_again_after_growing_jittered_pauses(
    accounts: Accounts, receivers: Receivers, control: Control, eventually: Eventually
) -> None:
    """The pauses between attempts grow on the whole and differ from message to message."""
    hub = Hub(accounts())
    pauses: list[list[float]] = []
    for _ in range(3):
        receiver = receivers()
        receiver.answers("error", status=503)
        message = hub.send(receiver, max_attempts=_TRIES + 1)
        pauses.append([])
        for number in range(1, _TRIES + 1):
            pause = eventually(lambda m=message, n=number: pause_after(hub, m, n), within=_PATIENCE)
            pauses[-1].append(pause)
            control.advance(pause + 1)

    early = mean(each for row in pauses for each in row[:2])
    late = mean(each for row in pauses for each in row[-2:])
    shown = "; ".join(", ".join(f"{each:.2f}" for each in row) for row in pauses)
    assert late > 2 * early, f"the pauses do not grow: {shown} (seconds)"
    columns = list(zip(*pauses, strict=True))[2:]
    is_jittered = any(max(each) - min(each) > 0.05 * max(each) for each in columns)
    assert is_jittered, f"no jitter in {shown} (seconds)"


@pytest.mark.requirement("hub.retry-after-obeyed")
def test_a_receiver_that_says_when_to_come_back_is_obeyed(
    hub: Hub, receiver: Receiver, eventually: Eventually
) -> None:
    """After a 429 with Retry-After the next attempt is not before that time."""
    receiver.answers("rate-limited", retry_after="120")
    message = hub.send(receiver, max_attempts=5)

    pause = eventually(lambda: pause_after(hub, message, 1), within=_PATIENCE)

    assert pause >= 119, f"the receiver asked for 120 s and the next attempt is due after {pause:.1f} s"


def pause_after(hub: Hub, message: Mapping[str, Any], number: int) -> float:
    """Return the seconds between the end of an attempt and the next one's time, once it was made."""
    found = hub.read(message["id"])
    history = found["history"]
    assert len(history) >= number, f"{len(history)} attempts were made, not {number}"
    # A message and its history are read one after the other: they are of one moment when they agree.
    assert (found["state"], found["attempts"]) == ("queued", len(history)), (
        f"after {len(history)} attempts the message is {found['state']}"
    )
    due = datetime.fromisoformat(found["available_at"])
    return (due - datetime.fromisoformat(history[number - 1]["finished_at"])).total_seconds()


@pytest.mark.requirement("hub.dead-letter-names-reason")
@pytest.mark.parametrize("failure", [(410, 1), (503, 2)], ids=["refused for good", "failed too often"])
def test_a_dead_letter_names_its_reason_and_its_attempts(
    hub: Hub, receiver: Receiver, control: Control, eventually: Eventually, failure: tuple[int, int]
) -> None:
    """A message that cannot be delivered becomes a dead letter with the reason and every attempt."""
    status, attempts = failure
    receiver.answers("error", status=status)
    message = hub.send(receiver, max_attempts=attempts)

    dead = die(hub, message, control, eventually)

    reason = dead["reason"] or ""
    assert str(status) in reason, f"the receiver answered {status}, and the dead letter says {reason!r}"
    assert len(dead["history"]) == dead["attempts"] == attempts, (
        f"{attempts} attempts are on record as {dead}"
    )
    assert {each["status"] for each in dead["history"]} == {status}, "the history names other statuses"
    assert len(receiver.deliveries()) == attempts, (
        f"the receiver was called {len(receiver.deliveries())} times"
    )
    letters = json_of(hub.account.client.get("/api/hub/dead-letters"))
    assert message["id"] in {each["id"] for each in member(letters, "items")}, (
        "it is not among the dead letters"
    )


def die(hub: Hub, message: Mapping[str, Any], control: Control, eventually: Eventually) -> Mapping[str, Any]:
    """Wait until a message is dead, moving the clock past every pause."""

    def dead() -> Mapping[str, Any]:
        found = hub.read(message["id"])
        if found["state"] == "queued" and found["history"]:
            control.advance(60)
        assert found["state"] == "dead", f"the message is {found['state']} after {found['attempts']} attempts"
        return found

    return eventually(dead, within=_PATIENCE, every=0.2)


@pytest.mark.requirement("hub.redrive-delivers")
def test_a_redriven_dead_letter_is_delivered_when_its_receiver_works_again(
    hub: Hub, receiver: Receiver, control: Control, eventually: Eventually
) -> None:
    """After a redrive the message is delivered once, with its old id, and is no dead letter any more."""
    receiver.answers("error", status=410)
    message = hub.send(receiver, max_attempts=1, text="Try me again.")
    with baseline("never-dead"):
        die(hub, message, control, eventually)
    receiver.answers("ok")
    path = f"/api/hub/dead-letters/{message['id']}/redrive"

    expect_status(hub.account.client.post(path), 200, 202)

    eventually(lambda: hub.in_state(message["id"], "delivered"), within=_PATIENCE)
    taken = [each for each in receiver.deliveries() if each["status"] == 200]
    assert len(taken) == 1, f"the redriven message was delivered {len(taken)} times"
    assert taken[0]["headers"]["webhook-id"] == message["id"], "it was delivered under another id"
    assert "Try me again." in taken[0]["body"], "it was delivered with another text"
    letters = json_of(hub.account.client.get("/api/hub/dead-letters"))
    assert message["id"] not in str(letters), "it is still among the dead letters"
    expect_status(hub.account.client.post(path), 404, 409, 422, when="a second time")


@pytest.mark.depth("standard")
@pytest.mark.requirement("monitoring.queue-depth-visible")
def test_the_depth_of_each_queue_is_in_the_metrics(
    hub: Hub, receiver: Receiver, accounts: Accounts, scrape: Scrape, eventually: Eventually
) -> None:
    """hub_queue_depth by priority is what the queues hold, with the messages that were just enqueued."""
    operator = accounts.shared("operator").client
    before = held(operator)
    waiting = {"HIGH": 5, "LOW": 3}
    for priority, count in waiting.items():
        for _ in range(count):
            hub.send(receiver, priority=priority, send_at="2099-01-01T00:00:00Z")

    def agree() -> None:
        samples, queues = scrape(), held(operator)
        assert samples.has("hub_queue_depth"), "there is no metric hub_queue_depth"
        shown = {each: samples.total("hub_queue_depth", priority=each) for each in _PRIORITIES}
        assert shown == queues, f"the metric shows {shown}, the queues hold {queues}"
        for priority, count in waiting.items():
            risen = queues[priority] - before[priority]
            assert risen >= count, f"{count} {priority} messages were enqueued and {risen} more are held"

    eventually(agree, within=_PATIENCE)


def held(operator: httpx.Client) -> dict[str, int]:
    """Return how many messages each queue holds, due or not, as an operator sees it."""
    queues = member(json_of(operator.get("/api/hub/queues")), "queues")
    return {each["priority"]: each["ready"] + each["scheduled"] + each["leased"] for each in queues}


@pytest.mark.requirement("monitoring.trace-continues-to-webhook")
def test_the_webhook_continues_the_trace_of_the_request(
    visitor: Account, receiver: Receiver, eventually: Eventually
) -> None:
    """A webhook carries the trace id of the request that enqueued it, under a span of its own."""
    trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    body = draft(receiver)
    parent = {"traceparent": f"00-{trace}-{span}-01"}
    expect_status(visitor.client.post("/api/hub/messages", json=body, headers=parent), *ACCEPTED)

    def delivered() -> Mapping[str, Any]:
        assert receiver.deliveries(), "the message was not delivered"
        return receiver.deliveries()[0]

    with baseline("nothing-delivered"):
        headers = eventually(delivered, within=_PATIENCE)["headers"]
    given = headers.get("traceparent", "")
    assert given.split("-")[1:2] == [trace], f"the request's trace is {trace}, the webhook carries {given!r}"
    assert given.split("-")[2] != span, "the webhook claims to be the caller's own span"
