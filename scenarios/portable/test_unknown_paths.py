"""What does not exist is answered as such."""

import httpx
import pytest

from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.signals import Inconclusive

UNKNOWN = (
    "/no-such-resource-7f3a9c",
    "/no/such/resource/7f3a9c",
    "/no-such-resource-7f3a9c.json?page=1",
)


@pytest.mark.requirement("errors.unknown-path-not-found")
@pytest.mark.usefixtures("known_path")
@pytest.mark.parametrize("path", UNKNOWN)
def test_a_path_that_nobody_declared_is_not_found(client: httpx.Client, path: str) -> None:
    """A path that does not exist is answered with 404 (or 410, or 401 and 403 where nothing is shown)."""
    answer = client.get(path)

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

    answer = client.get(path)

    assert answer.status_code in {404, 410, 401, 403}, f"GET {path} answered {answer.status_code}"


@pytest.mark.requirement("errors.unknown-path-not-found")
@pytest.mark.usefixtures("known_path")
def test_head_finds_no_more_than_get(client: httpx.Client) -> None:
    """HEAD on a path that does not exist is refused as well, and without a body."""
    answer = client.head(UNKNOWN[0])

    assert 400 <= answer.status_code < 500, f"HEAD {UNKNOWN[0]} answered {answer.status_code}"
    assert not answer.content, "HEAD answered with a body"
