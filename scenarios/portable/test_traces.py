"""A deletion takes effect, and what was refused has none."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, permutations
from typing import Any, Self

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.listing import items_of
from harness.layers.scenarios.making import Made, Maker, nothing_made
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import people
from harness.layers.scenarios.reads import integers_in_query
from harness.layers.scenarios.samples import merged, request_schema, resolved
from harness.layers.scenarios.signals import Inconclusive
from harness.target.probes.paging import SIZES
from harness.target.surface import Resource, resources

_REFUSED = frozenset({400, 403, 404, 409, 412, 422})
_NO_VALUE = "no-such-value-7f3a9c"
_MOST_LISTS = 4
_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """An object that somebody could make, and who that was."""

    made: Made
    maker: Maker
    client: httpx.Client
    everybody: Sequence[httpx.Client]
    pace: Pace

    def of_readers(self) -> Iterator[Self]:
        """Yield it for everybody who may read it: what somebody may change of it depends on who it is."""
        for client in (self.client, *(each for each in self.everybody if each is not self.client)):
            if self.pace.ask(client, "GET", self.made.path).status_code == 200:
                yield replace(self, client=client)

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
                    yield Making(made=made, maker=maker, client=client, everybody=everybody, pace=pace)
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
        # two of a kind: what only one exchange shows cannot be shown again once the object is gone
        for one in filter(None, (each.made, maker.make(each.resource, each.client))):
            answer = each.pace.ask(each.client, "DELETE", one.path)
            if answer.status_code not in {200, 204}:
                continue  # 202 promises to do it later
            judged += 1
            after = each.pace.ask(each.client, "GET", one.path)
            is_as_before = after.status_code == 200 and body_of(after) == one.shown
            assert not is_as_before, (
                f"{operation.subject} answered {answer.status_code}, and {each.resource.read.subject} still "
                f"shows {one.words} as it was"
            )
    if not made:
        raise nothing_made(maker)
    if not judged:
        raise Inconclusive("nothing-deleted", "No object could be made and deleted again.")


@pytest.mark.depth("standard")
@pytest.mark.requirement("api.refusals-without-effect")
@pytest.mark.needs("objects")
@pytest.mark.writes
def test_a_refused_creation_leaves_the_list_as_it_was(
    makings: Iterator[Making], target: ScenarioContext, maker: Maker
) -> None:
    """A creation that is answered with a 4xx changes nothing that its list shows, nor any other list."""
    made = judged = 0
    lists = [each.collection for each in resources(target.operations) if each.collection is not None][
        :_MOST_LISTS
    ]
    for each in makings:
        made += 1
        for body in refusable(each):
            rounds = [round_of(each, body, lists)]
            while rounds[-1] and len(rounds) < _ROUNDS:  # what changes by itself does not do so each time
                rounds.append(round_of(each, body, lists))
            judged += rounds[0] is not None
            changed = sorted(rounds[-1] or ())
            assert not changed, (
                f"{each.resource.create.subject} was refused {len(rounds)} times, and each time GET "
                f"{changed[0]} shows another list than before"
            )
    if not made:
        raise nothing_made(maker)
    if not judged:
        raise Inconclusive("nothing-refused", "No creation was refused of which a list would tell.")


def round_of(each: Making, body: Mapping[str, Any], lists: Sequence[Operation]) -> frozenset[str] | None:
    """Have a creation refused; return the lists that changed meanwhile, None when nothing is learnt."""
    before, again = (all_shown(each, lists) for _ in range(2))
    steady = {path: view for path in before if (view := steady_view(before[path], again.get(path)))}
    create = each.resource.create
    answer = each.pace.ask(each.client, "POST", each.maker.target.path_prefix + create.path, json=body)
    if answer.status_code not in _REFUSED or not steady:
        return None
    after = all_shown(each, lists)
    return frozenset(path for path, view in steady.items() if view(after.get(path)) != view(before[path]))


def steady_view(told: Any, again: Any) -> Callable[[Any], Any] | None:
    """Return what of a list does not change by itself: all of it, or how many items it has."""
    if told == again:
        return whole
    return number_of_items if number_of_items(told) == number_of_items(again) != -1 else None


def whole(told: Any) -> Any:
    """Return all that is told."""
    return told


def number_of_items(told: Any) -> int:
    """Return how many items are told of, -1 where it is no list."""
    items = items_of(told)
    return -1 if items is None else len(items)


def refusable(each: Making) -> Iterator[Mapping[str, Any]]:
    """Yield bodies that may be refused: with a number at its end, without the first member, taken before."""
    create = each.resource.create
    yield from greedy(each, each.maker.body_of(create))
    body = each.maker.body_of(create)
    if body:
        yield dict(list(body.items())[1:])
        each.pace.ask(each.client, "POST", each.maker.target.path_prefix + create.path, json=body)
        yield body


def greedy(each: Making, body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield bodies that ask for as much of a number as the document allows: there may not be so much."""
    create = each.resource.create
    properties = request_schema(create, each.maker.document).get("properties", {})
    for name, raw in properties.items():
        most = resolved(raw, each.maker.document).get("maximum")
        if isinstance(most, int) and isinstance(body.get(name), int):
            yield {**body, name: most}


def all_shown(each: Making, lists: Sequence[Operation]) -> Mapping[str, Any]:
    """Return what the lists show, on pages as long as they get, that are answered with 200, by path."""
    told = {}
    for operation in lists:
        path = each.maker.target.path_prefix + operation.path + longest_page(operation, each.maker.document)
        answer = each.pace.ask(each.client, "GET", path)
        if answer.status_code == 200:
            told[operation.path] = body_of(answer)
    return told


def longest_page(operation: Operation, document: Mapping[str, Any]) -> str:
    """Return the query that asks a list for as much as the document allows, if it says how much."""
    for name, schema in integers_in_query(operation, document):
        if name.lower() in SIZES and isinstance(schema.get("maximum"), int):
            return f"?{name}={schema['maximum']}"
    return ""


@pytest.mark.depth("standard")
@pytest.mark.requirement("http.refused-changes-without-effect")
@pytest.mark.needs("changeable")
@pytest.mark.writes
def test_a_refused_change_leaves_its_object_as_it_was(
    makings: Iterator[Making], target: ScenarioContext, maker: Maker
) -> None:
    """A PATCH that is answered with a 4xx has changed nothing, not even the members before the wrong one."""
    made = judged = 0
    for each in makings:
        made += 1
        operation = each.resource.item("PATCH")
        if operation is None or target.withholds(operation):
            continue
        judged += sum(check_whole(one, operation) for one in each.of_readers())
    if not made:
        raise nothing_made(maker)
    if not judged:
        raise Inconclusive("nothing-refused", "No change was refused of an object that was made for it.")


def check_whole(each: Making, operation: Operation) -> int:
    """Refused changes leave the object as it was; says how many were refused."""
    judged = 0
    for body in chain(half_right(operation, each), half_in_bounds(operation, each)):
        before, again = (each.pace.ask(each.client, "GET", each.made.path) for _ in range(2))
        if before.status_code != 200 or body_of(before) != body_of(again):
            return judged  # it is gone, or changes by itself
        version = {"If-Match": before.headers["etag"]} if "etag" in before.headers else {}
        answer = each.pace.ask(each.client, "PATCH", each.made.path, json=body, headers=version)
        if answer.status_code not in _REFUSED:
            continue
        judged += 1
        after = each.pace.ask(each.client, "GET", each.made.path)
        assert body_of(after) == body_of(before), (
            f"{operation.subject} answered {answer.status_code} to {', '.join(body)}, and "
            f"{each.resource.read.subject} shows {each.made.words} changed"
        )
    return judged


def half_right(operation: Operation, each: Making) -> Iterator[Mapping[str, Any]]:
    """Yield bodies of a right text and a member that may not take its value, ever or by now."""
    properties = request_schema(operation, each.maker.document).get("properties", {})
    listed = {name: choices(raw, each.maker.document) for name, raw in properties.items()}
    for name, values in listed.items():
        without = {name, *(one for one in listed if listed[one])}
        text = free_text(each.maker.body_of(operation), without)
        if not text:
            continue
        wrong = {name: _NO_VALUE if values else [_NO_VALUE]}
        yield {**text, **wrong}
        yield {**wrong, **text}
        for value, other in permutations(values, 2):
            each.pace.ask(each.client, "PATCH", each.made.path, json={name: value})
            yield {**free_text(each.maker.body_of(operation), without), name: other}


def half_in_bounds(operation: Operation, each: Making) -> Iterator[Mapping[str, Any]]:
    """Yield bodies of a number within its documented bounds and one beyond them, at most one object deep."""
    schema = request_schema(operation, each.maker.document)
    for name, raw in {"": schema, **schema.get("properties", {})}.items():
        numbers = bounds_of(merged(raw, each.maker.document), each.maker.document)
        for right, wrong in islice(permutations(numbers, 2), 2):
            good = {right: sum(numbers[right]) // 2}
            bad = {wrong: numbers[wrong][1] + 1}
            for body in ({**good, **bad}, {**bad, **good}):
                yield {name: body} if name else body


def bounds_of(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, tuple[int, int]]:
    """Return the whole numbers of an object that have a least and a most."""
    found = {name: merged(raw, document) for name, raw in schema.get("properties", {}).items()}
    return {
        name: (int(each["minimum"]), int(each["maximum"]))
        for name, each in found.items()
        if each.get("type") == "integer" and {"minimum", "maximum"} <= each.keys()
    }


def free_text(body: Mapping[str, Any], without: Container[str]) -> Mapping[str, str]:
    """Return the first text of a body that is free to be anything; nothing where there is none."""
    texts = ((name, value) for name, value in body.items() if isinstance(value, str) and name not in without)
    return dict([*texts][:1])


def choices(raw: Any, document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the texts that a member may be."""
    schema = merged(raw, document)
    options = [schema, *(resolved(each, document) for each in schema.get("anyOf", ()))]
    return tuple(value for each in options for value in each.get("enum", ()) if isinstance(value, str))[:4]
