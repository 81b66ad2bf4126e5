"""A breaker stands before one destination: what fails in one place takes nothing from another."""

from collections.abc import Callable

import pytest

from harness.layers.scenarios.core_profile import Hub, Receiver, Receivers
from harness.layers.scenarios.doors import StubDoor
from harness.layers.scenarios.polling import Eventually
from harness.layers.scenarios.signals import Inconclusive

_MOST_FAILURES = 12
_PATIENCE = 8.0


@pytest.mark.requirement("breakers.destinations-apart")
@pytest.mark.usefixtures("strict_webhook_breaker")
def test_a_receiver_that_fails_holds_up_no_other(
    hub: Hub, receivers: Receivers, stubs: Callable[[str], StubDoor], eventually: Eventually
) -> None:
    """With the breaker of one receiver open, a message to a receiver elsewhere is delivered at once."""
    stub = stubs("webhook")
    if receivers.base_url == stub.url:
        raise Inconclusive("one-destination", "The target reaches the webhook stub under one address only.")
    failing = receivers()
    working = Receivers(base_url=stub.url, stub=stub)()
    failing.answers("error", status=503)
    open_its_breaker(hub, failing, eventually)

    message = hub.send(working, priority="CRITICAL")

    eventually(lambda: hub.in_state(message["id"], "delivered"), within=_PATIENCE)


def open_its_breaker(hub: Hub, failing: Receiver, eventually: Eventually) -> None:
    """Send to a receiver until a message is held back that nothing but its breaker can hold back."""

    def settled(message_id: str) -> str:
        found = hub.read(message_id)
        state: str = found["state"]
        is_held_back = state == "queued" and found["available_at"] > found["created_at"]
        assert state == "dead" or is_held_back, f"the message is {state}"
        return state

    for _ in range(_MOST_FAILURES):
        message = hub.send(failing, max_attempts=1)
        if eventually(lambda m=message: settled(m["id"]), within=_PATIENCE) == "queued":
            return
    raise Inconclusive("never-opened", f"{_MOST_FAILURES} failures did not open the receiver's breaker.")
