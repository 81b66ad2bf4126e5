"""What tests rely on: the control API keeps its contract, and the clock can be moved."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator

from harness.core.resources import resource
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.core_profile import Account, Accounts, Hub, Receiver
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.expect import expect_refused, expect_status, json_of
from harness.layers.scenarios.polling import Eventually
from harness.layers.scenarios.tokens import Token

_HOUR = 3600.0


@cache
def contract() -> Mapping[str, Any]:
    """Return the control API's own document."""
    text = resource("contracts/control.openapi.yaml").read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.safe_load(text)
    return document


def check_shape(document: Any, name: str) -> None:
    """The document is valid by a schema of the contract."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": contract()["components"]}
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(document)]
    assert not errors, f"not a {name} as the contract says: {'; '.join(errors[:3])}"


@pytest.mark.requirement("testing.control-contract-kept")
def test_control_answers_as_its_contract_says(control: Control) -> None:
    """Every control call has the documented status and shape, also when it asks for what is not there."""
    check_shape(json_of(control.describe()), "Control")
    listed = json_of(control.send("GET", "/_control/defects", None))["defects"]
    for defect in listed:
        check_shape(defect, "Defect")
    check_shape(json_of(control.send("POST", "/_control/clock", {"advance_seconds": 0})), "Clock")
    state = {"state": "a registered user", "action": "setup", "params": {}, "consumer": "web-client"}
    assert isinstance(json_of(control.send("POST", "/_control/states", state)), dict)
    left = json_of(control.send("POST", "/_control/states", {**state, "action": "teardown"}))
    assert isinstance(left, dict), f"leaving a state answers {left!r}"
    unknown = control.send("POST", "/_control/states", {**state, "state": "no such state"})
    expect_status(unknown, 404, when="for a state that does not exist")
    assert "a registered user" in unknown.text, "the refusal does not list the known states"
    for wrong in ({"advance_seconds": -1}, {"advance_seconds": "soon"}, {}):
        expect_refused(control.send("POST", "/_control/clock", wrong), when=f"with {wrong}")


@pytest.mark.requirement("testing.control-contract-kept")
def test_control_is_not_part_of_the_published_document(client: httpx.Client, target: ScenarioContext) -> None:
    """No path of the control API is in the OpenAPI document that clients read."""
    paths = json_of(client.get(target.openapi))["paths"]

    assert not [path for path in paths if path.startswith("/_control")], "the document shows the control API"


@pytest.mark.requirement("testing.clock-injectable")
def test_everything_that_expires_or_waits_follows_the_clock(
    control: Control, accounts: Accounts, receiver: Receiver, eventually: Eventually
) -> None:
    """After the clock was moved a token is expired and a message that was to wait is delivered."""
    before = now(control)
    account: Account = accounts()
    due = datetime.fromtimestamp(before.timestamp() + _HOUR / 2, before.tzinfo).isoformat()
    message = Hub(account).send(receiver, send_at=due)
    lifetime = Token.parse(account.token).lifetime
    assert lifetime < _HOUR, f"an access token lives {lifetime:g} s"
    assert not receiver.deliveries(), "a message that was to wait was delivered at once"

    control.advance(_HOUR)

    passed = (now(control) - before).total_seconds()
    assert passed >= _HOUR, f"the clock was moved by an hour and shows {passed:.0f} s"
    eventually(lambda: expect_status(account.client.get("/auth/me"), 401, when="an hour later"), within=2.0)

    def delivered() -> None:
        assert receiver.deliveries(), f"message {message['id']} still waits half an hour after its time"

    eventually(delivered, within=5.0)


def now(control: Control) -> datetime:
    """Return what the target takes for the present."""
    return datetime.fromisoformat(json_of(control.describe())["clock"]["now"])
