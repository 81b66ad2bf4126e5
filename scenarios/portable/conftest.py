"""What the portable scenarios share: something known to exist, people, objects of theirs, and patience."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.guarded import Guarded, guarded_reads
from harness.layers.scenarios.making import Maker
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import somebody
from harness.layers.scenarios.reads import Finder, Read, ask
from harness.layers.scenarios.signals import Inconclusive
from harness.layers.scenarios.slots import Slots, address

Ask = Callable[[str], str]
_HERE = Path(__file__).parent
#: A deployment serves others, too: at most fifty requests a second are ours.
_GAP = 0.02
_MOST_READS = 12


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Play what uses up credentials or patience after all others of this pack."""
    last = {id(item): "last_of_the_pack" in getattr(item, "fixturenames", ()) for item in items}
    items.sort(key=lambda item: (_HERE not in item.path.parents, last[id(item)]))


@pytest.fixture
def last_of_the_pack() -> None:
    """Marks a scenario after which the target may refuse to talk to us, or our credentials be dead."""


@pytest.fixture(scope="session")
def document(target: ScenarioContext) -> Mapping[str, Any]:
    """The target's OpenAPI document; empty when it has none."""
    if not target.openapi_file:
        return {}
    loaded: Mapping[str, Any] = json.loads(Path(target.openapi_file).read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def path_of(document: Mapping[str, Any], target: ScenarioContext) -> Callable[[Operation], str]:
    """Returns a concrete path for a declared operation, with the query that it cannot do without."""
    return lambda operation: address(operation, document, prefix=target.path_prefix)


@pytest.fixture
def pace(target: ScenarioContext) -> Pace:
    """How much this scenario may ask."""
    return Pace(depth=target.depth, gap=0.0 if target.is_launched else _GAP)


@pytest.fixture
def identified(target: ScenarioContext, clients: Clients) -> httpx.Client:
    """A client that acts as the first identity of the target file, or as nobody when there is none."""
    for name, session in target.sessions.items():
        return clients(session.headers, identity=name)
    return clients()


@pytest.fixture(scope="session")
def _found() -> dict[str, tuple[Read, ...]]:
    return {}


@pytest.fixture
def readable(
    target: ScenarioContext,
    identified: httpx.Client,
    document: Mapping[str, Any],
    _found: dict[str, tuple[Read, ...]],
) -> tuple[Read, ...]:
    """Reads that the target answers with 200: declared ones, or its document and its root."""
    if "all" not in _found:
        finder = Finder(
            client=identified,
            operations=[each for each in target.operations if not target.withholds(each)],
            document=document,
            prefix=target.path_prefix,
        )
        _found["all"] = finder.find(_MOST_READS) or tuple(
            Read(subject=f"GET {path}", path=path)
            for path in (target.openapi, "/")
            if path and (answer := ask(identified, "GET", path)) is not None and answer.status_code == 200
        )
    if not _found["all"]:
        raise Inconclusive("nothing-readable", "No read was found that the target answers with 200.")
    return _found["all"]


@pytest.fixture
def known_path(client: httpx.Client, target: ScenarioContext, path_of: Callable[[Operation], str]) -> str:
    """A path that the target does answer: without one nothing can be learnt from what it refuses."""
    declared = [path_of(each) for each in target.operations if each.method == "GET" and "{" not in each.path]
    for path in (*declared[:20], target.openapi, "/"):
        if path and _says_something(client.get(path).status_code):
            return path
    raise Inconclusive("nothing-found", "No path was found that the target answers: 404, 429 or 5xx is none.")


def _says_something(status: int) -> bool:
    return status < 500 and status not in {404, 405, 410, 429}


@pytest.fixture
def signed_in(target: ScenarioContext, clients: Clients) -> httpx.Client:
    """A client that acts as the first identity."""
    who = somebody(target)
    return clients(who.headers, identity=who.name)


@pytest.fixture
def as_anybody(target: ScenarioContext, clients: Clients) -> httpx.Client:
    """A client that acts as the first identity, or as nobody where there is none."""
    return clients(somebody(target).headers) if target.sessions else clients()


@pytest.fixture(scope="session")
def _guarded() -> dict[str, Sequence[Guarded]]:
    return {}


@pytest.fixture
def guarded(
    operations: tuple[Operation, ...],
    path_of: Callable[[Operation], str],
    signed_in: httpx.Client,
    client: httpx.Client,
    pace: Pace,
    _guarded: dict[str, Sequence[Guarded]],
) -> Sequence[Guarded]:
    """Declared reads that a credential opens and that answer nobody without one; looked for once."""
    if "all" not in _guarded:
        _guarded["all"] = guarded_reads(
            operations, path_of, signed_in=signed_in, anonymous=client, pace=pace, most=5
        )
    return _guarded["all"]


@pytest.fixture
def maker(target: ScenarioContext, document: Mapping[str, Any], pace: Pace) -> Maker:
    """Makes objects on the target."""
    return Maker(target=target, document=document, pace=pace, number=lambda: 1000 + secrets.randbelow(10**8))


@pytest.fixture
def slots(
    as_anybody: httpx.Client, document: Mapping[str, Any], target: ScenarioContext, pace: Pace
) -> Slots:
    """Puts values of ours into the places of an operation."""
    return Slots(client=as_anybody, document=document, pace=pace, prefix=target.path_prefix)
