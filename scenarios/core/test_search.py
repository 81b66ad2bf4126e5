"""Search answers in a typed way when its provider does not, and never passes on what it was fed."""

from collections.abc import Callable
from typing import Any

import pytest

from harness.layers.scenarios.core_profile import Account
from harness.layers.scenarios.doors import StubDoor
from harness.layers.scenarios.expect import json_of, member, shown
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.signals import Inconclusive

_KINDS = ("web", "news")


def search(account: Account, kind: str, words: str) -> Any:
    """Search, and insist on an answer that is documented for it."""
    answer = account.client.get(f"/api/search/{kind}", params={"q": words})
    return json_of(answer, 200)


@pytest.mark.requirement("search.degrades-without-upstream", "errors", "garbage")
@pytest.mark.usefixtures("breakers_reset")
def test_search_says_that_it_is_degraded_when_its_provider_fails(
    visitor: Account, stubs: Callable[[str], StubDoor], unique: str, judged: Judged
) -> None:
    """While the provider errs or talks nonsense, search answers 200, marked as degraded, with the reason."""
    brave = stubs("brave")
    fresh = search(visitor, "web", f"before {unique}")
    if not fresh["results"] or fresh["degraded"]:
        raise Inconclusive("no-baseline", f"Search is degraded before anything failed: {fresh}")
    for subject, mode in (("errors", "error"), ("garbage", "garbage")):
        brave.mode(mode)
        with judged(subject):
            for kind in _KINDS:
                answer = search(visitor, kind, f"{subject} {kind} {unique}")
                assert member(answer, "degraded") is True, f"the answer is not marked as degraded: {answer}"
                assert member(answer, "reason"), f"the degraded answer gives no reason: {answer}"
                assert not answer["results"], f"results came from a provider that gave none: {answer}"


@pytest.mark.requirement("search.degrades-without-upstream", "errors")
@pytest.mark.usefixtures("breakers_reset")
def test_an_earlier_answer_is_marked_as_such(
    visitor: Account, stubs: Callable[[str], StubDoor], unique: str
) -> None:
    """What was found before may be answered while the provider fails, and then it says so."""
    brave = stubs("brave")
    before = search(visitor, "web", f"again {unique}")
    brave.mode("error")

    answer = visitor.client.get("/api/search/web", params={"q": f"again {unique}"})

    again = json_of(answer)
    assert again["degraded"] is True, f"an earlier answer is shown as fresh: {shown(answer)}"
    assert again["results"] in ([], before["results"]), "the answer holds results that were never found"
