"""What the portable scenarios share: something known to exist, people, objects of theirs, and patience."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.entering import Account, FrontDoor
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.guarded import Guarded, guarded_reads
from harness.layers.scenarios.making import Maker
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import people, somebody
from harness.layers.scenarios.reads import Finder, Read, ask
from harness.layers.scenarios.samples import CannotSample
from harness.layers.scenarios.signals import Inconclusive
from harness.layers.scenarios.signing_in import SignIn
from harness.layers.scenarios.slots import Slots, address
from harness.layers.scenarios.trying import Tried
from harness.target.surface import Entrance, logins, registrations, resources, text_slots

Ask = Callable[[str], str]
_HERE = Path(__file__).parent
#: A deployment serves others, too: at most fifty requests a second are ours.
_GAP = 0.02
_MOST_READS = 12
_MOST_MADE = 6


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


@pytest.fixture(scope="session")
def _once() -> set[str]:
    return set()


@pytest.fixture
def everybody(
    target: ScenarioContext, identified: httpx.Client, clients: Clients
) -> tuple[httpx.Client, ...]:
    """A client for each person, or the one that acts as nobody."""
    others = people(target)[1:]
    return (identified, *(clients(each.headers, identity=each.name) for each in others))


@pytest.fixture
def furnished(
    target: ScenarioContext, everybody: tuple[httpx.Client, ...], maker: Maker, _once: set[str]
) -> ScenarioContext:
    """The target; a launched one holds one object of each kind that somebody may make."""
    if "furnished" not in _once and target.is_launched and target.may_write:
        _once.add("furnished")
        furnish(maker, everybody)
    return target


@pytest.fixture
def readable(
    furnished: ScenarioContext,
    identified: httpx.Client,
    document: Mapping[str, Any],
    _found: dict[str, tuple[Read, ...]],
) -> tuple[Read, ...]:
    """Reads that the target answers with 200: declared ones, or its document and its root."""
    if "all" not in _found:
        finder = Finder(
            client=identified,
            operations=[each for each in furnished.operations if not furnished.withholds(each)],
            document=document,
            prefix=furnished.path_prefix,
        )
        _found["all"] = finder.find(_MOST_READS) or tuple(
            Read(subject=f"GET {path}", path=path)
            for path in (furnished.openapi, "/")
            if path and (answer := ask(identified, "GET", path)) is not None and answer.status_code == 200
        )
    if not _found["all"]:
        raise Inconclusive("nothing-readable", "No read was found that the target answers with 200.")
    return _found["all"]


def furnish(maker: Maker, everybody: Sequence[httpx.Client]) -> None:
    """Make one object of each kind, by the first person who may: an empty service shows little."""
    with suppress(Inconclusive):
        for resource in islice(resources(maker.target.operations), _MOST_MADE):
            next((True for client in everybody if maker.make(resource, client) is not None), False)


@pytest.fixture
def seen_path_of(
    path_of: Callable[[Operation], str], request: pytest.FixtureRequest
) -> Callable[[Operation], str]:
    """Returns a path of something that is there, where one was read, and else any that is declared."""
    try:
        reads: tuple[Read, ...] = request.getfixturevalue("readable")
    except Inconclusive:
        reads = ()
    seen = {each.operation.subject: each.path for each in reads if each.operation is not None}
    return lambda operation: seen.get(operation.subject) or path_of(operation)


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


@pytest.fixture
def tried(
    *,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    slots: Slots,
    pace: Pace,
) -> Tried:
    """The slots that may be tried: reads, and with consent writes other than log-in and registration."""
    entrances = {
        each.operation.subject for find in (logins, registrations) for each in find(operations, document)
    }
    allowed = [each for each in operations if each.subject not in entrances and not target.withholds(each)]
    every = [*text_slots(allowed, document, reading=True)]
    if target.may_write:
        every += text_slots(allowed, document, reading=False)
    if not every:
        raise Inconclusive("no-text-input", "The document declares no place that takes a caller's text.")
    return Tried(slots=slots, every=every, pace=pace)


@pytest.fixture
def door(client: httpx.Client, document: Mapping[str, Any], target: ScenarioContext) -> FrontDoor:
    """The front door, for somebody without credentials."""
    return FrontDoor(client=client, document=document, prefix=target.path_prefix)


@pytest.fixture
def registration(
    operations: tuple[Operation, ...], document: Mapping[str, Any], target: ScenarioContext
) -> Entrance:
    """The operation by which anybody makes an account."""
    for entrance in registrations(operations, document):
        if entrance.operation.subject not in target.never:
            return entrance
    raise Inconclusive("no-registration", "The document declares no registration with name and password.")


@pytest.fixture
def login(
    operations: tuple[Operation, ...], document: Mapping[str, Any], target: ScenarioContext
) -> Entrance:
    """The operation by which people log in."""
    for entrance in logins(operations, document):
        if entrance.operation.subject not in target.never:
            return entrance
    raise Inconclusive("no-login", "The document declares no log-in with name and password.")


@pytest.fixture
def own_account(door: FrontDoor, registration: Entrance) -> Account:
    """An account of our own."""
    try:
        made = door.register(registration)
    except CannotSample:
        made = None
    if made is None:
        raise Inconclusive("cannot-register", "No account could be made.")
    return made


@pytest.fixture
def sign_in(door: FrontDoor, login: Entrance, own_account: Account) -> SignIn:
    """A way in for an account that was made just now."""
    return SignIn(door=door, login=login, account=own_account)
