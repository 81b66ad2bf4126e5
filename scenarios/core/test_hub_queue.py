"""The queue behind the hub: nothing is lost, doubled, starved or held up; what was called off stays so."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from harness.layers.scenarios.core_profile import Accounts, Hub, Receiver, Receivers, draft
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.expect import expect_refused, expect_status, json_of, member
from harness.layers.scenarios.polling import Eventually
from harness.layers.scenarios.signals import baseline
from harness.target.launch_client import LaunchClient

Flow = Callable[[], None]
_PATIENCE = 15.0
#: Longer than any of the first pauses between attempts, and short enough for a sender's token.
_LONG = 60
_STEP_SECONDS = 300


@pytest.fixture
def flow(hub: Hub, receivers: Receivers, eventually: Eventually) -> Flow:
    """Sends another message and sees it delivered: whatever was due before it has had its turn."""

    def another() -> None:
        message = hub.send(receivers(), priority="LOW")
        with baseline("nothing-delivered"):
            eventually(lambda: hub.in_state(message["id"], "delivered"), within=_PATIENCE)

    return another


def later(control: Control, seconds: float) -> str:
    """Return an instant of the target's own time."""
    now = datetime.fromisoformat(json_of(control.describe())["clock"]["now"])
    return (now + timedelta(seconds=seconds)).isoformat()


def arrived(receiver: Receiver, times: int) -> Sequence[Mapping[str, Any]]:
    """Return the deliveries when there are at least so many."""
    seen = receiver.deliveries()
    assert len(seen) >= times, f"{len(seen)} deliveries were tried, not {times}"
    return seen


@pytest.mark.requirement("hub.delivered-once")
def test_what_its_receiver_took_is_not_delivered_again(
    hub: Hub, receiver: Receiver, control: Control, flow: Flow, eventually: Eventually
) -> None:
    """A message whose receiver answered with success is delivered, and no later time brings it back."""
    message = hub.send(receiver)
    eventually(lambda: hub.in_state(message["id"], "delivered"), within=_PATIENCE)

    control.advance(120)
    flow()

    assert len(receiver.deliveries()) == 1, f"the receiver took it {len(receiver.deliveries())} times"


@pytest.mark.requirement("hub.delivered-once")
@pytest.mark.depth("standard")
def test_a_delivery_that_takes_long_is_not_begun_a_second_time(
    hub: Hub, receiver: Receiver, eventually: Eventually
) -> None:
    """While one attempt is under way, however long its receiver takes, there is no other."""
    receiver.answers("slow", seconds=6)
    message = hub.send(receiver)

    eventually(lambda: hub.in_state(message["id"], "delivered"), within=25.0, every=0.5)

    assert len(receiver.deliveries()) == 1, f"{len(receiver.deliveries())} attempts were under way at once"


@pytest.mark.requirement("hub.acknowledged-survives-kill", "worker")
@pytest.mark.faults
@pytest.mark.depth("standard")
def test_a_delivery_that_breaks_off_with_its_worker_is_made_again(
    hub: Hub, receiver: Receiver, links: LaunchClient, eventually: Eventually
) -> None:
    """A worker is killed while a receiver has not answered yet; the message is delivered after all."""
    receiver.answers("slow", seconds=8)
    message = hub.send(receiver)
    try:
        with baseline("not-under-way"):
            eventually(lambda: arrived(receiver, 1), within=_PATIENCE)
        links.signal("worker", "kill")
    finally:
        receiver.answers("ok")
        links.signal("worker", "restart")

    eventually(lambda: arrived(receiver, 2), within=30.0)
    eventually(lambda: hub.in_state(message["id"], "delivered"), within=_PATIENCE)


@pytest.mark.requirement("hub.attempts-bounded")
def test_no_message_is_tried_more_often_than_its_sender_allowed(
    hub: Hub, receiver: Receiver, control: Control, flow: Flow, eventually: Eventually
) -> None:
    """After the last attempt that its sender allowed a failing message is a dead letter, and stays one."""
    receiver.answers("error", status=503)
    message = hub.send(receiver, max_attempts=3)

    def tried() -> None:
        control.advance(_LONG)
        arrived(receiver, 3)

    with baseline("not-tried"):
        eventually(tried, within=_PATIENCE, every=0.3)
    control.advance(_LONG)
    flow()

    found = hub.read(message["id"])
    times = len(receiver.deliveries())
    assert times == 3, f"three attempts were allowed and {times} were made"
    assert found["state"] == "dead", f"after all its attempts the message is {found['state']}"


@pytest.mark.requirement("hub.refusals-not-retried")
@pytest.mark.parametrize("status", [400, 404, 410])
@pytest.mark.depth("standard")
def test_what_a_receiver_refuses_for_good_is_not_sent_again(
    hub: Hub, receiver: Receiver, control: Control, flow: Flow, status: int
) -> None:
    """A delivery that is answered with a 4xx that will not pass is a dead letter after one attempt."""
    receiver.answers("error", status=status)
    message = hub.send(receiver, max_attempts=5)
    flow()
    with baseline("not-tried"):
        arrived(receiver, 1)

    control.advance(_LONG)
    flow()

    times = len(receiver.deliveries())
    assert times == 1, f"the receiver refused it with {status} and was asked {times} times"
    hub.in_state(message["id"], "dead")


@pytest.mark.requirement("hub.attempts-share-key")
@pytest.mark.depth("standard")
def test_attempts_of_one_message_share_an_idempotency_key(
    hub: Hub, receiver: Receiver, control: Control, eventually: Eventually
) -> None:
    """Every attempt carries the same Idempotency-Key, and another message another one."""
    receiver.answers("flaky:2")
    hub.send(receiver, max_attempts=5, text="One and the same.")

    def tried_again() -> Sequence[Mapping[str, Any]]:
        control.advance(60)
        return arrived(receiver, 3)

    with baseline("not-tried-again"):
        attempts = eventually(tried_again, within=_PATIENCE, every=0.3)
    hub.send(receiver, text="Something else.")
    other = eventually(lambda: arrived(receiver, 4), within=_PATIENCE)[3]

    given = [each["headers"].get("idempotency-key") for each in attempts]
    assert given[0], "an attempt carries no Idempotency-Key"
    assert len(set(given)) == 1, f"three attempts of one message carry the keys {given}"
    assert other["headers"].get("idempotency-key") != given[0], "another message carries the same key"


@pytest.mark.requirement("hub.retry-pauses-capped")
@pytest.mark.depth("standard")
def test_the_pauses_between_attempts_stop_growing(
    hub: Hub, receiver: Receiver, control: Control, accounts: Accounts, eventually: Eventually
) -> None:
    """However often a message was tried, the next attempt is at most five minutes away."""
    receiver.answers("error", status=503)
    message = hub.send(receiver, max_attempts=20)

    def pause_after(number: int) -> float:
        # The sender's own token does not live as long as all these pauses.
        found = Hub(accounts.shared("operator")).read(message["id"])
        history = found["history"]
        assert len(history) >= number, f"{len(history)} attempts were made, not {number}"
        # A message and its history are read one after the other: they are of one moment when they agree.
        assert (found["state"], found["attempts"]) == ("queued", len(history)), "it is being tried"
        due, last = found["available_at"], history[number - 1]["finished_at"]
        return (datetime.fromisoformat(due) - datetime.fromisoformat(last)).total_seconds()

    for number in range(1, 15):
        with baseline("not-tried-again"):
            pause = eventually(lambda n=number: pause_after(n), within=_PATIENCE)
        assert pause <= 301, f"after attempt {number} the next one is {pause:.0f} s away"
        control.advance(pause + 1)


@pytest.mark.requirement("hub.delayed-block-nobody")
def test_a_message_that_waits_for_its_next_attempt_holds_up_no_other(
    hub: Hub, receiver: Receiver, receivers: Receivers, control: Control, eventually: Eventually
) -> None:
    """One message must wait ten minutes for its next attempt; one sent after it is delivered now."""
    control.advance(601)  # what an earlier attempt left waiting holds up this one no more
    receiver.answers("rate-limited", retry_after="600")
    waiting = hub.send(receiver, max_attempts=5)
    hub.send(receivers(), send_at="2099-01-01T00:00:00Z")
    with baseline("not-tried"):
        eventually(lambda: arrived(receiver, 1), within=_PATIENCE)
        eventually(lambda: hub.in_state(waiting["id"], "queued"), within=_PATIENCE)

    message = hub.send(receivers())

    eventually(lambda: hub.in_state(message["id"], "delivered"), within=_PATIENCE)


@pytest.mark.requirement("hub.low-priority-ages")
def test_a_message_of_low_priority_that_has_waited_long_goes_first(
    hub: Hub, receiver: Receiver, control: Control, eventually: Eventually
) -> None:
    """A LOW message that has been due for three steps of aging is not behind every newer CRITICAL one."""
    urgent = 30
    hub.send(receiver, priority="LOW", send_at=later(control, 30))
    due = later(control, 30 + 3 * _STEP_SECONDS + 60)
    hub.send_all([draft(receiver, priority="CRITICAL", send_at=due) for _ in range(urgent)])

    control.advance(30 + 3 * _STEP_SECONDS + 61)

    def delivered() -> Sequence[Mapping[str, Any]]:
        return arrived(receiver, urgent + 1)

    with baseline("not-delivered"):
        order = ['"LOW"' in each["body"] for each in eventually(delivered, within=_PATIENCE)]
    place = order.index(True) + 1
    assert place <= urgent // 2, f"the LOW message was number {place} of {len(order)}"


@pytest.mark.requirement("hub.cancelled-not-delivered")
def test_a_cancelled_message_is_never_delivered(
    hub: Hub, receiver: Receiver, control: Control, flow: Flow
) -> None:
    """A message that is cancelled while it waits is shown as such and not sent when its time comes."""
    message = hub.send(receiver, send_at=later(control, 60))
    path = f"/api/hub/messages/{message['id']}/cancel"

    expect_status(hub.account.client.post(path), 200, 202, 204)

    hub.in_state(message["id"], "cancelled")
    control.advance(61)
    flow()
    assert not receiver.deliveries(), "a cancelled message was delivered"
    hub.in_state(message["id"], "cancelled")


@pytest.mark.requirement("hub.batch-all-or-none")
@pytest.mark.parametrize(
    "wrong", [{"channel": "no-such-channel"}, {"to": "https://10.0.0.7/hooks"}], ids=["channel", "address"]
)
def test_a_batch_with_one_message_that_cannot_be_sent_is_refused_whole(
    hub: Hub, receiver: Receiver, flow: Flow, wrong: Mapping[str, str]
) -> None:
    """No message of a refused batch is kept or delivered."""
    good = [draft(receiver, text=f"Good {number}.") for number in range(2)]
    bad = {**draft(receiver), **wrong}
    with baseline("not-refused-alone"):
        expect_refused(hub.account.client.post("/api/hub/messages", json=bad))

    answer = hub.account.client.post("/api/hub/messages/batch", json={"messages": [good[0], bad, good[1]]})

    expect_refused(answer, when="with one message that cannot be sent")
    kept = member(json_of(hub.account.client.get("/api/hub/messages")), "items")
    assert not kept, f"{len(kept)} messages of a refused batch were kept"
    flow()
    assert not receiver.deliveries(), "a message of a refused batch was delivered"
