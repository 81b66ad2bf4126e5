"""A sign-in begins with a token of its own and ends when it is told to: with accounts made for this."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.guarded import Guarded
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import somebody, with_token
from harness.layers.scenarios.samples import CannotSample, valid_body
from harness.layers.scenarios.signals import Inconclusive
from harness.layers.scenarios.signing_in import SignIn
from harness.target.surface import sign_outs


@pytest.mark.requirement("security.sign-out-ends-tokens")
@pytest.mark.needs("sign-out")
@pytest.mark.writes
def test_a_token_is_refused_after_its_owner_signed_out(
    *,
    sign_in: SignIn,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    guarded: Sequence[Guarded],
    clients: Clients,
    target: ScenarioContext,
    pace: Pace,
) -> None:
    """What a new account's token opened is closed to it after the declared sign-out."""
    client = clients(with_token(somebody(target), sign_in.token()))
    read = next((each for each in guarded if pace.ask(client, "GET", each.path).is_success), None)
    if read is None:
        raise Inconclusive(
            "nothing-opened", "A new account's token opens no read that is closed without one."
        )
    for operation in sign_outs(operations):
        if left(operation, client, document, target.path_prefix, pace):
            answer = pace.ask(client, "GET", read.path)
            assert not answer.is_success, (
                f"{read.operation.subject} answered {answer.status_code} to the token that "
                f"{operation.subject} had ended"
            )
            return
    raise Inconclusive("cannot-sign-out", "No declared sign-out answered with success.")


def left(
    operation: Operation, client: httpx.Client, document: Mapping[str, Any], prefix: str, pace: Pace
) -> bool:
    """Whether the sign-out took place."""
    content: dict[str, Any] = {}
    if operation.request_media_types:
        try:
            content["json"] = valid_body(operation, document, variant=0)
        except CannotSample:
            return False
    return pace.ask(client, operation.method, prefix + operation.path, **content).is_success


@pytest.mark.requirement("security.sign-ins-fresh")
@pytest.mark.needs("login")
@pytest.mark.writes
def test_each_sign_in_gives_a_token_of_its_own(sign_in: SignIn) -> None:
    """Two sign-ins of one account have two tokens; signed ones of the same second may be the same."""
    first, second = sign_in.token(), sign_in.token()
    if first == second and first.count(".") == 2:
        raise Inconclusive("signed-token", "The token is signed, and equal ones may be of the same second.")
    assert first != second, f"{sign_in.login.operation.subject} gave the same token twice"
