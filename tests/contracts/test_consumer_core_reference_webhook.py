"""What the reference's real webhook channel sends to a receiver and expects of it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pact import Pact, match

from reference_impl.hub.channels.webhook import CHANNEL
from reference_impl.hub.models import Delivered, Message, Outcome, Priority, State
from reference_impl.hub.registry import ChannelKit
from reference_impl.hub.signing import (
    child_of_request,
    same_on_every_attempt,
    sign_id_timestamp_and_body,
)
from reference_impl.kit.clock import SystemClock
from reference_impl.kit.http import NoGuard
from tests.contracts.consuming import committed, identity, instant, keep

CONSUMER, PROVIDER = "core-reference", "webhook-receiver"


async def _resolve(_host: str, _port: int) -> Sequence[str]:
    return ("127.0.0.1",)


async def _secrets() -> Sequence[bytes]:
    return (b"a secret of thirty-two bytes....",)


async def _deliver(url: str) -> Outcome:
    async with httpx.AsyncClient(trust_env=False) as client:
        kit = ChannelKit(
            client=lambda: client,
            guards=lambda _name: NoGuard(),
            secrets=_secrets,
            sign=sign_id_timestamp_and_body,
            trace=child_of_request,
            idempotency_key=same_on_every_attempt,
            resolve=_resolve,
            allow=frozenset({urlsplit(url).netloc}),
            clock=SystemClock(),
        )
        return await CHANNEL.build(kit).deliver(_message(f"{url}/hooks"))


def _message(recipient: str) -> Message:
    return Message(
        id="msg_01J9ZQ4M5N6P7R8S9T0VWXYZ12",
        owner="usr_1",
        tenant="default",
        channel="webhook",
        recipient=recipient,
        priority=Priority.HIGH,
        state=State.LEASED,
        subject="Contract",
        text="hello",
        data='{"order": 7}',
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        created_at=1_767_225_600.0,
        available_at=1_767_225_600.0,
        max_attempts=5,
    )


def _describe(pact: Pact) -> None:
    (
        pact.upon_receiving("receives a message")
        .with_request("POST", match.regex("/hooks", regex=r"^/\S*$"))
        .with_header("Content-Type", "application/json")
        .with_header("Idempotency-Key", match.regex("msg_01J9ZQ4M5N6P7R8S9T0VWXYZ12", regex=r"^msg_\w+$"))
        .with_header("webhook-id", match.regex("msg_01J9ZQ4M5N6P7R8S9T0VWXYZ12", regex=r"^msg_\w+$"))
        .with_header("webhook-timestamp", match.regex("1767225600", regex=r"^\d{10}$"))
        .with_header(
            "webhook-signature",
            match.regex("v1," + "A" * 43 + "=", regex=r"^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*$"),
        )
        .with_header(
            "traceparent",
            match.regex(
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                regex=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
            ),
        )
        .with_body(
            {
                "type": "message",
                "timestamp": instant(),
                "data": {
                    "id": identity("msg"),
                    "priority": match.regex("HIGH", regex="^(CRITICAL|HIGH|NORMAL|LOW)$"),
                    "subject": match.str("Contract"),
                    "text": match.str("hello"),
                    "data": match.like({"order": 7}),
                },
            }
        )
        .will_respond_with(200)
    )


def _play(folder: Path) -> Outcome:
    pact = Pact(CONSUMER, PROVIDER).with_specification("V4")
    _describe(pact)
    with pact.serve() as mock:
        outcome = asyncio.run(_deliver(str(mock.url)))
    pact.write_file(folder)
    return outcome


def test_the_webhook_channel_delivers_a_signed_message(tmp_path: Path) -> None:
    assert _play(tmp_path) == Delivered(status=200)


def test_the_committed_pact_with_webhook_receivers_is_what_its_tests_write(tmp_path: Path) -> None:
    _play(tmp_path)
    fresh = keep(tmp_path / f"{CONSUMER}-{PROVIDER}.json")

    assert committed(CONSUMER, PROVIDER) == fresh, "write it again: UPDATE_PACTS=1 pytest tests/contracts"
