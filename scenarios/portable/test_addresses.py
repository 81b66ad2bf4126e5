"""An address that a caller gives is not fetched from inside, and sends nobody to a foreign site."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.listener import Listener
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import people
from harness.layers.scenarios.samples import CannotSample
from harness.layers.scenarios.signals import Inconclusive
from harness.layers.scenarios.slots import Slots
from harness.target.surface import Slot, redirect_slots, url_slots

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_FOREIGN = "foreign.example"
_REDIRECTS = (
    f"https://{_FOREIGN}/",
    f"//{_FOREIGN}/",
    f"/\\{_FOREIGN}/",
    f"https:{_FOREIGN}/",
    f"https://{{host}}@{_FOREIGN}/",
    f"https://{{host}}.{_FOREIGN}/",
)
_VISIT_SECONDS = 2.0


def allowed(operations: tuple[Operation, ...], target: ScenarioContext) -> list[Operation]:
    """Return the operations that may be called with a real credential."""
    return [each for each in operations if not target.withholds(each)]


@pytest.mark.requirement("security.loopback-not-fetched")
@pytest.mark.depth("standard")
def test_an_address_on_loopback_is_not_fetched(
    *,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    slots: Slots,
    clients: Clients,
    pace: Pace,
) -> None:
    """An address of the machine itself, given by a caller, is never asked for anything."""
    if urlsplit(target.direct_url).hostname not in _LOOPBACK:
        raise Inconclusive(
            "target-elsewhere", "Our listener is on loopback, and the target on another machine."
        )
    found = [*url_slots(allowed(operations, target), document, reading=True)]
    if target.may_write:
        found += url_slots(allowed(operations, target), document, reading=False)
    elif not found:
        raise Inconclusive(
            "no-consent-writes", "Only bodies take an address, and nobody consented to writes."
        )
    everybody = [slots, *(replace(slots, client=clients(each.headers)) for each in people(target)[1:])]
    with Listener() as listener:
        sent = {
            token: slot.words
            for slot in pace.some(found)
            for token in first_taken(addresses_taken(each, slot, listener) for each in everybody)
        }
        visited = listener.visited(sent, seconds=_VISIT_SECONDS)
    assert not visited, f"{visited}: the target asked an address on loopback that a caller gave it"
    if not sent:
        raise Inconclusive("not-reached", "No operation came as far as reading the address.")


def first_taken(found: Iterable[list[str]]) -> list[str]:
    """Return what the first person could send who is let in."""
    return next((each for each in found if each), [])


def addresses_taken(slots: Slots, slot: Slot, listener: Listener) -> list[str]:
    """Return the tokens of the spellings of our address that were sent, where the operation was reached."""
    tokens = []
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
        address, token = listener.address()
        try:
            answer = slots.ask(slot, address.replace("127.0.0.1", host, 1))
        except CannotSample:
            return tokens
        if was_read(answer):
            tokens.append(token)
    return tokens


def was_read(answer: httpx.Response) -> bool:
    """Whether the operation came as far as looking at the value."""
    return answer.status_code not in {401, 403, 404, 405} and answer.status_code < 500


@pytest.mark.requirement("security.redirects-closed")
@pytest.mark.depth("standard")
def test_nobody_is_sent_to_a_foreign_site(
    *,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    slots: Slots,
    pace: Pace,
) -> None:
    """A parameter that says where to go next leads to no foreign host."""
    host = urlsplit(target.base_url).hostname or ""
    reached = 0
    for slot in pace.some(redirect_slots(allowed(operations, target), document)):
        for value in _REDIRECTS:
            answer = slots.ask(slot, value.format(host=host))
            reached += was_read(answer)
            location = answer.headers.get("location", "").replace("\\", "/")
            leads = urlsplit(location.replace("https:foreign", "https://foreign")).hostname or ""
            assert not leads.endswith(_FOREIGN), (
                f"{slot.words}: {value!r} is answered with Location: {location}"
            )
    if not reached:
        raise Inconclusive("not-reached", "No operation with such a parameter was reached.")


@pytest.mark.requirement("security.forwarded-host-not-trusted")
def test_a_claimed_host_is_not_written_into_answers(
    *,
    target: ScenarioContext,
    known_path: str,
    path_of: Callable[[Operation], str],
    as_anybody: httpx.Client,
    pace: Pace,
) -> None:
    """A host that a caller claims stands in no link, redirect or page of the answer."""
    claims = {"X-Forwarded-Host": _FOREIGN, "X-Host": _FOREIGN, "Forwarded": f"host={_FOREIGN}"}
    reads = [path_of(each) for each in allowed(target.operations, target) if each.method == "GET"]
    for path in pace.some(dict.fromkeys((known_path, "/", f"{known_path.rstrip('/')}/", *reads))):
        for name, value in claims.items():
            answer = pace.ask(as_anybody, "GET", path, headers={name: value})
            shown = (answer.headers.get("location", ""), answer.headers.get("link", ""), answer.text)
            assert not any(f"://{_FOREIGN}" in each for each in shown), (
                f"GET {path} with {name}: {value} is answered with that host in it"
            )
