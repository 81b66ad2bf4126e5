"""What does not exist is answered as such."""

import re

import httpx
import pytest

from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.signals import Inconclusive

_CHANGING = re.compile(r"[0-9a-zA-Z+/=_-]{16,}")  # nonces and the like differ from one answer to the next
UNKNOWN = (
    "/no-such-resource-7f3a9c",
    "/no/such/resource/7f3a9c",
    "/no-such-resource-7f3a9c.json?page=1",
)


def is_page_of_all(answer: httpx.Response, root: httpx.Response) -> bool:
    """Whether it is the start page of an application in the browser, which finds its way by itself."""
    if "html" not in answer.headers.get("content-type", "") or root.status_code != 200:
        return False
    is_same = _CHANGING.sub("", answer.text) == _CHANGING.sub("", root.text)
    return is_same or answer.request.method == "HEAD"


def settled(client: httpx.Client, answer: httpx.Response, target: ScenarioContext) -> httpx.Response:
    """Follow one redirect on the target's own host; one that leads to a page of any kind shows nothing."""
    onward = answer.next_request
    if answer.status_code == 200 and is_page_of_all(answer, client.get("/")):
        raise Inconclusive("page-of-all-paths", f"{answer.request.url.path} gives the page of every path.")
    if onward is None:
        return answer
    if onward.url.host != httpx.URL(target.base_url).host:
        raise Inconclusive("redirected-away", f"{answer.request.url.path} is sent to {onward.url.host}.")
    final = client.request(onward.method, onward.url.raw_path.decode("ascii"))
    if final.status_code < 400:
        raise Inconclusive("redirected", f"{answer.request.url.path} is sent to {onward.url.path}.")
    return final


@pytest.mark.requirement("errors.unknown-path-not-found")
@pytest.mark.usefixtures("known_path")
@pytest.mark.parametrize("path", UNKNOWN)
def test_a_path_that_nobody_declared_is_not_found(
    client: httpx.Client, target: ScenarioContext, path: str
) -> None:
    """A path that does not exist is answered with 404 (or 410, or 401 and 403 where nothing is shown)."""
    answer = settled(client, client.get(path), target)

    assert answer.status_code in {404, 410, 401, 403}, f"GET {path} answered {answer.status_code}"


@pytest.mark.requirement("errors.unknown-path-not-found")
def test_a_path_below_one_that_exists_is_not_found(
    client: httpx.Client, target: ScenarioContext, known_path: str
) -> None:
    """A path that does not exist below one that does is answered with 404, too."""
    below = f"{known_path.removeprefix(target.path_prefix).rstrip('/')}/{{"
    if any(each.path.startswith(below) for each in target.operations):
        raise Inconclusive("below-is-declared", f"What is below {known_path} may be anything.")
    path = f"{known_path.rstrip('/')}/no-such-thing-7f3a9c/none"

    answer = settled(client, client.get(path), target)

    assert answer.status_code in {404, 410, 401, 403}, f"GET {path} answered {answer.status_code}"


@pytest.mark.requirement("errors.unknown-path-not-found")
@pytest.mark.usefixtures("known_path")
def test_head_finds_no_more_than_get(client: httpx.Client, target: ScenarioContext) -> None:
    """HEAD on a path that does not exist is refused as well, and without a body."""
    answer = settled(client, client.head(UNKNOWN[0]), target)

    assert 400 <= answer.status_code < 500, f"HEAD {UNKNOWN[0]} answered {answer.status_code}"
    assert not answer.content, "HEAD answered with a body"
