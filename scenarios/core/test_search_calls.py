"""Search is a good client of its provider: it asks seldom, keeps to what it was told, and forgets in time."""

from collections.abc import Callable

import pytest

from harness.layers.scenarios.breaker_door import Guarded
from harness.layers.scenarios.core_profile import Account, Accounts
from harness.layers.scenarios.doors import Control, StubDoor
from harness.layers.scenarios.expect import json_of, member
from harness.layers.scenarios.signals import baseline

_MOST_CALLS = 2
_HOUR = 3600.0


@pytest.mark.requirement("search.calls-bounded")
def test_one_search_asks_a_failing_provider_twice_at_most(guarded: Guarded) -> None:
    """A provider that is overloaded is asked once more, and then left alone."""
    guarded.provider("error", status=503)
    before = guarded.calls

    guarded.search()

    seen = guarded.calls - before
    assert 1 <= seen <= _MOST_CALLS, f"one search made {seen} calls"


@pytest.mark.requirement("search.calls-bounded")
@pytest.mark.parametrize("status", [400, 404, 422])
def test_one_search_asks_a_provider_that_refuses_once(guarded: Guarded, status: int) -> None:
    """What the provider refuses it would refuse again."""
    guarded.provider("error", status=status)

    guarded.expect_calls(1, guarded.search, f"one search, refused with {status}")


@pytest.mark.requirement("search.quota-obeyed")
def test_a_provider_that_says_when_to_come_back_is_not_asked_before(guarded: Guarded) -> None:
    """After a 429 with Retry-After searches go without the provider until that time, and with it then."""
    guarded.provider("rate-limited", retry_after="30")
    with baseline("not-asked"):
        guarded.expect_calls(1, guarded.search, "the search that meets the limit")
    guarded.provider("ok")

    guarded.expect_calls(0, lambda: guarded.search(3), "within the 30 seconds that the provider asked for")
    guarded.control.advance(31)
    guarded.expect_calls(1, guarded.search, "after them")


@pytest.mark.requirement("search.stale-answers-expire")
@pytest.mark.usefixtures("breakers_reset")
def test_an_earlier_answer_is_given_for_a_day_at_most(
    account: Account, accounts: Accounts, stubs: Callable[[str], StubDoor], control: Control, unique: str
) -> None:
    """Without its provider search may give an earlier answer, but not one that is older than a day."""
    brave, path = stubs("brave"), f"/api/search/web?q=old%20{unique}"
    with baseline():
        before = json_of(account.client.get(path))
        assert before["results"], "nothing was found while the provider worked"
        assert not before["degraded"], "search is degraded before anything failed"
    brave.mode("error", status=500)

    control.advance(25 * _HOUR)

    later = json_of(accounts().client.get(path))
    assert member(later, "degraded") is True, "an answer without the provider is shown as fresh"
    assert not later["results"], f"results of {later['age_seconds']} seconds ago are still given"
