"""A deletion takes effect, and what was refused has none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.making import Made, Maker, nothing_made
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import people
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import Resource, resources

_REFUSED = frozenset({400, 409, 412, 422})


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """An object that somebody could make, and who that was."""

    made: Made
    maker: Maker
    client: httpx.Client
    pace: Pace

    @property
    def resource(self) -> Resource:
        """What kind of object it is."""
        return self.made.resource


@pytest.fixture
def makings(
    target: ScenarioContext,
    clients: Clients,
    operations: tuple[Operation, ...],
    maker: Maker,
    pace: Pace,
) -> Iterator[Making]:
    """Objects made just now, each by the first person who may make one of its kind."""
    everybody = [clients(each.headers, identity=each.name) for each in people(target)] or [clients()]

    def make() -> Iterator[Making]:
        for resource in pace.some(resources(operations)):
            for client in everybody:
                made = maker.make(resource, client)
                if made is not None:
                    yield Making(made=made, maker=maker, client=client, pace=pace)
                    break

    return make()


@pytest.mark.requirement("http.deletions-effective")
@pytest.mark.needs("objects")
@pytest.mark.writes
def test_what_was_deleted_is_not_read_unchanged(
    makings: Iterator[Making], target: ScenarioContext, maker: Maker
) -> None:
    """After a DELETE that succeeded its object is gone, or shows what became of it."""
    made = judged = 0
    for each in makings:
        made += 1
        operation = each.resource.item("DELETE")
        may_delete = operation is not None and (target.is_launched or operation.subject in target.destructive)
        if operation is None or not may_delete or target.withholds(operation):
            continue
        answer = each.pace.ask(each.client, "DELETE", each.made.path)
        if answer.status_code not in {200, 204}:
            continue  # 202 promises to do it later
        judged += 1
        after = each.pace.ask(each.client, "GET", each.made.path)
        is_as_before = after.status_code == 200 and body_of(after) == each.made.shown
        assert not is_as_before, (
            f"{operation.subject} answered {answer.status_code}, and {each.resource.read.subject} still "
            f"shows {each.made.words} as it was"
        )
    if not made:
        raise nothing_made(maker)
    if not judged:
        raise Inconclusive("nothing-deleted", "No object could be made and deleted again.")


@pytest.mark.requirement("api.refusals-without-effect")
@pytest.mark.needs("objects")
@pytest.mark.writes
def test_a_refused_creation_leaves_the_list_as_it_was(
    makings: Iterator[Making], target: ScenarioContext, maker: Maker
) -> None:
    """A creation that is answered with a 4xx changes nothing that the list shows."""
    made = judged = 0
    for each in makings:
        made += 1
        collection = each.resource.collection
        if collection is None:
            continue
        path = target.path_prefix + collection.path
        for body in refusable(each):
            before = shown(each, path)
            if before is None or before != shown(each, path):
                break  # it changes by itself: nothing can be learnt from it
            answer = each.pace.ask(
                each.client, "POST", target.path_prefix + each.resource.create.path, json=body
            )
            if answer.status_code not in _REFUSED:
                continue
            judged += 1
            assert shown(each, path) == before, (
                f"{each.resource.create.subject} answered {answer.status_code}, and "
                f"{collection.subject} shows another list than before"
            )
    if not made:
        raise nothing_made(maker)
    if not judged:
        raise Inconclusive("nothing-refused", "No creation was refused of which a list would tell.")


def refusable(each: Making) -> Iterator[Mapping[str, Any]]:
    """Yield bodies that may be refused: one without its first member, and one that was taken before."""
    body = each.maker.body_of(each.resource.create)
    if body:
        yield dict(list(body.items())[1:])
        taken = each.pace.ask(
            each.client, "POST", each.maker.target.path_prefix + each.resource.create.path, json=body
        )
        if taken.is_success:
            yield body


def shown(each: Making, path: str) -> Any:
    """Return what the list shows; None where it is not answered with 200."""
    answer = each.pace.ask(each.client, "GET", path)
    return body_of(answer) if answer.status_code == 200 else None
