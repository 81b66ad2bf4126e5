"""Two scenarios that hold on the good canary service and fail on the bad one, and one that cannot judge."""

import httpx
import pytest

from harness.layers.scenarios.expect import expect_status, json_of
from harness.layers.scenarios.signals import Inconclusive


@pytest.mark.requirement("canary.secret-is-kept")
def test_the_secret_is_shown_to_nobody(client: httpx.Client) -> None:
    """The secret is refused to a caller without credentials."""
    expect_status(client.get("/secret"), 401, 403)


@pytest.mark.requirement("canary.item-is-there")
def test_an_item_is_shown_as_documented(client: httpx.Client) -> None:
    """The item that the document promises is there."""
    assert "name" in json_of(client.get("/items/1")), "the item has no name"


@pytest.mark.requirement("canary.cannot-judge")
def test_what_cannot_be_judged_is_neither_good_nor_bad() -> None:
    """A scenario that cannot judge says so."""
    raise Inconclusive("canary", "This scenario never judges.")
