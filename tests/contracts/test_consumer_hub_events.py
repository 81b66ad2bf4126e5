"""What a subscriber expects of the messages that the hub brings it, and of those that it could not bring."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pact import Pact, match

from tests.contracts.consuming import PROVIDER, committed, identity, instant, keep

CONSUMER = "hub-events"


def describe_accepted(pact: Pact) -> None:
    """A message as it reaches a subscriber."""
    pact.upon_receiving("message.accepted", "Async").with_body(
        {
            "type": "message",
            "timestamp": instant(),
            "data": {
                "id": identity("msg"),
                "priority": match.regex("HIGH", regex="^(CRITICAL|HIGH|NORMAL|LOW)$"),
                "subject": match.like("Contract"),
                "text": match.str("hello"),
                "data": match.like({"order": 7}),
            },
        },
        "application/json",
    )


def describe_dead(pact: Pact) -> None:
    """A message that could not be delivered, as its owner sees it."""
    pact.upon_receiving("message.dead-lettered", "Async").with_body(
        {
            "id": identity("msg"),
            "channel": "webhook",
            "state": "dead",
            "reason": match.regex("address_refused", regex=r"^address_refused\b.*$"),
            "attempts": match.int(1),
            "max_attempts": match.int(1),
            "redrives": match.int(0),
            "history": match.each_like(
                {
                    "number": match.int(1),
                    "started_at": instant(),
                    "finished_at": instant(),
                    "outcome": match.str("address_refused"),
                    "detail": match.str("refused"),
                }
            ),
        },
        "application/json",
    )


def on_accepted(body: str | bytes | None, _: dict[str, Any]) -> None:
    """Take a message in: its id makes sure that a second delivery does nothing."""
    event = json.loads(body or "null")
    assert event["type"] == "message"
    assert event["data"]["id"].startswith("msg_")
    assert {"priority", "subject", "text", "data"} <= set(event["data"])


def on_dead(body: str | bytes | None, _: dict[str, Any]) -> None:
    """Raise a ticket that says why."""
    letter = json.loads(body or "null")
    assert (letter["state"], bool(letter["reason"])) == ("dead", True)
    assert letter["history"][-1]["outcome"] != "delivered"


def _play(describe: Callable[[Pact], None], handler: Callable[..., None], folder: Path) -> None:
    pact = Pact(CONSUMER, PROVIDER).with_specification("V4")
    describe(pact)
    pact.verify(handler, "Async")
    pact.write_file(folder)


def test_a_subscriber_takes_in_a_message(tmp_path: Path) -> None:
    _play(describe_accepted, on_accepted, tmp_path)


def test_a_subscriber_raises_a_ticket_for_a_dead_letter(tmp_path: Path) -> None:
    _play(describe_dead, on_dead, tmp_path)


def test_the_committed_message_pact_is_what_its_tests_write(tmp_path: Path) -> None:
    _play(describe_accepted, on_accepted, tmp_path)
    _play(describe_dead, on_dead, tmp_path)
    fresh = keep(tmp_path / f"{CONSUMER}-{PROVIDER}.json")

    assert committed(CONSUMER, PROVIDER) == fresh, "write it again: UPDATE_PACTS=1 pytest tests/contracts"
