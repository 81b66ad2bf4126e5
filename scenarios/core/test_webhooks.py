"""A receiver can trust a webhook: what it says, and when it was said."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from harness.layers.scenarios.core_profile import Hub, Receiver
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.expect import json_of
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.polling import Eventually
from harness.layers.scenarios.signals import Inconclusive, baseline

_TOLERANCE = 300
_PREFIX = "whsec_"


def signature(secret: str, identity: str, timestamp: str, body: bytes) -> str:
    """Return what Standard Webhooks makes of a delivery: HMAC-SHA256 over id.timestamp.raw-body."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = b".".join((identity.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@pytest.fixture
def delivery(hub: Hub, receiver: Receiver, eventually: Eventually) -> Mapping[str, Any]:
    """One delivered webhook, raw."""
    hub.send(receiver, text="Signed — ünïcode.", data={"b": 1, "a": [1.5, None]})

    def delivered() -> Mapping[str, Any]:
        assert receiver.deliveries(), "the message was not delivered"
        return receiver.deliveries()[0]

    with baseline("nothing-delivered"):
        return eventually(delivered, within=15.0)


@pytest.mark.requirement("hub.webhook-signature-covers-timestamp")
def test_the_signature_covers_id_timestamp_and_raw_body(
    delivery: Mapping[str, Any], control: Control
) -> None:
    """A signature by each secret in force is over id, timestamp and the raw body, and the time is now."""
    secrets = control.state("a webhook secret")["secrets"]
    headers, body = delivery["headers"], base64.b64decode(delivery["body_base64"])
    given = headers["webhook-signature"].split()
    identity, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    assert secrets, "there is no signing secret"
    for secret in secrets:
        assert signature(secret, identity, timestamp, body) in given, (
            f"no signature of {headers['webhook-signature']!r} covers id, timestamp and raw body"
        )
        for changed in (str(int(timestamp) + 1), str(int(timestamp) - _TOLERANCE - 1)):
            assert signature(secret, identity, changed, body) not in given, "the timestamp is not covered"
    now = datetime.fromisoformat(json_of(control.describe())["clock"]["now"]).timestamp()
    assert abs(now - int(timestamp)) < _TOLERANCE, f"the timestamp is {now - int(timestamp):.0f} s off"


@pytest.mark.requirement("hub.webhook-signature-covers-timestamp")
def test_every_attempt_is_signed_for_its_own_time(
    hub: Hub, receiver: Receiver, control: Control, eventually: Eventually
) -> None:
    """A later attempt has the same id and body, a later timestamp and so another signature."""
    receiver.answers("rate-limited", retry_after="45")  # no attempt before the clock has moved
    message = hub.send(receiver, max_attempts=5)

    def attempted(times: int) -> Any:
        seen = receiver.deliveries()
        assert len(seen) >= times, f"{len(seen)} deliveries were tried"
        return seen

    with baseline("not-tried-twice"):
        eventually(lambda: attempted(1), within=15.0)
        receiver.answers("ok")
        control.advance(60)
        seen = eventually(lambda: attempted(2), within=15.0)
    first, second = (each["headers"] for each in seen[:2])

    assert first["webhook-id"] == second["webhook-id"] == message["id"], "the id changed between attempts"
    assert int(second["webhook-timestamp"]) >= int(first["webhook-timestamp"]) + 30, "the timestamp is old"
    assert first["webhook-signature"] != second["webhook-signature"], "the signature is that of another time"


@pytest.mark.requirement("hub.webhook-secrets-overlap")
def test_while_a_secret_is_replaced_both_sign(delivery: Mapping[str, Any], control: Control) -> None:
    """Each secret in force has a signature of its own on the delivery."""
    secrets = control.state("a webhook secret")["secrets"]
    if len(secrets) < 2:
        raise Inconclusive("one-secret", "No secret is being replaced: configure two to measure this.")
    headers, body = delivery["headers"], base64.b64decode(delivery["body_base64"])
    given = headers["webhook-signature"].split()

    expected = [
        signature(each, headers["webhook-id"], headers["webhook-timestamp"], body) for each in secrets
    ]

    missing = [number for number, each in enumerate(expected, start=1) if each not in given]
    assert not missing, f"of {len(secrets)} secrets in force number {missing} did not sign: {given}"


@pytest.mark.requirement("hub.webhook-repeats-recognisable", "id", "body")
@pytest.mark.depth("standard")
def test_a_repeated_delivery_is_known_by_its_id_and_body(
    hub: Hub, receiver: Receiver, control: Control, eventually: Eventually, judged: Judged
) -> None:
    """Three attempts of one message carry one id and one body; another message has another id."""
    receiver.answers("flaky:2")
    message = hub.send(receiver, max_attempts=5, data={"a": 1})

    def attempted(times: int) -> Any:
        seen = receiver.deliveries()
        assert len(seen) >= times, f"{len(seen)} deliveries were tried"
        return seen

    with baseline("not-tried-again"):
        for times in (1, 2):
            eventually(lambda n=times: attempted(n), within=15.0)
            control.advance(60)
        repeated = eventually(lambda: attempted(3), within=15.0)[:3]
        hub.send(receiver)
        another = eventually(lambda: attempted(4), within=15.0)[3]
    with judged("id"):
        named = {each["headers"]["webhook-id"] for each in repeated}
        assert len(named) == 1, f"three attempts of {message['id']} carry the ids {sorted(named)}"
        assert another["headers"]["webhook-id"] not in named, "another message carries the same id"
    with judged("body"):
        bodies = {each["body_base64"] for each in repeated}
        assert len(bodies) == 1, f"three attempts of {message['id']} carry {len(bodies)} different bodies"
