"""How many wrong passwords are tried at a time."""

import importlib.util
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.entering import FrontDoor
from harness.target.surface import Entrance

_FILE = Path(__file__).parents[2] / "scenarios" / "portable" / "test_entrances.py"


@pytest.fixture
def entrances() -> ModuleType:
    """The file of the pack."""
    spec = importlib.util.spec_from_file_location("entrances_of_the_pack", _FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def guesses(entrances: ModuleType, client: httpx.Client, *seconds: float) -> object:
    login = Entrance(
        operation=Operation(method="POST", path="/login"), username="username", password="password"
    )
    members = {name: {"type": "string"} for name in ("username", "password")}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": members}}}}
    door = FrontDoor(client=client, document={"paths": {"/login": {"post": {"requestBody": body}}}})
    return entrances.Guesses(
        door=door, login=login, name="nobody", seconds=[*seconds], told=["401"] * len(seconds)
    )


@pytest.mark.parametrize(
    ("seconds", "width"),
    [((0.1,) * 20, 1), ((2.0,) * 3, 1), ((2.0,) * 6, 8)],
    ids=["fast, one by one", "the first alone", "slow, several"],
)
def test_a_slow_log_in_is_tried_several_times_at_once(
    entrances: ModuleType, seconds: tuple[float, ...], width: int
) -> None:
    assert guesses(entrances, httpx.Client(), *seconds).width == width  # type: ignore[attr-defined]


def test_a_throttle_among_several_answers_is_the_one_that_counts(entrances: ModuleType) -> None:
    statuses = iter([401, 429, 401, 401])
    transport = httpx.MockTransport(lambda _: httpx.Response(next(statuses)))
    with httpx.Client(base_url="http://h", transport=transport) as client:
        tried = guesses(entrances, client)
        answer = tried.guess(4)  # type: ignore[attr-defined]

    assert answer.status_code == 429
    assert len(tried.told) == len(tried.seconds) == 4  # type: ignore[attr-defined]
