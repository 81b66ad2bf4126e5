"""What one person made is nobody else's: not to read, not to change, not to delete, not to see in a list."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of
from harness.layers.scenarios.context import Credentials, ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.making import Made, Maker, Theirs, is_owned_by, nothing_made, object_in
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import equals
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import resources

_HIDDEN = frozenset({401, 403, 404, 410})


@pytest.fixture
def pair(target: ScenarioContext) -> tuple[Credentials, Credentials]:
    """An owner, and somebody who has no right to what the owner made."""
    return equals(target)


@pytest.fixture
def theirs(
    pair: tuple[Credentials, Credentials],
    clients: Clients,
    operations: tuple[Operation, ...],
    maker: Maker,
    pace: Pace,
) -> Iterator[Theirs]:
    """Objects that the owner made just now, each with how the other one's list looks."""
    says_what_is_open = any(each.is_secured for each in operations)
    owner, other = (clients(each.headers, identity=each.name) for each in pair)
    return (
        Theirs.look(made, owner=owner, other=other, maker=maker)
        for resource in pace.some(resources(operations))
        if (resource.read.is_secured or not says_what_is_open)
        and (made := maker.make(resource, owner)) is not None
    )


@pytest.mark.requirement("security.objects-owned")
@pytest.mark.writes
def test_nobody_else_reads_changes_or_deletes_an_object(
    theirs: Iterator[Theirs], pair: tuple[Credentials, Credentials], target: ScenarioContext, maker: Maker
) -> None:
    """What one person made and nobody else's list shows is refused to another who names its id."""
    made = judged = 0
    for each in theirs:
        made += 1
        if each.is_private:
            check_read(each)
            judged += 1
        if each.is_private or is_owned_by(each.made, pair[0]):
            judged += (
                check_change(each, maker) + check_actions(each, maker) + check_delete(each, target, maker)
            )
    if not made:
        raise nothing_made(maker)
    if not judged:
        raise Inconclusive(
            "nothing-private", "Every object that could be made is shown to everybody in a list."
        )


@pytest.mark.requirement("security.lists-scoped")
@pytest.mark.writes
def test_a_list_shows_nothing_that_its_reader_may_not_open(theirs: Iterator[Theirs], maker: Maker) -> None:
    """An object that is refused to somebody who names its id is not in that person's list, either."""
    made = judged = 0
    for each in theirs:
        made += 1
        if each.other_list is None or not each.is_in_own_list:
            continue
        refused = each.asked_by_other("GET").status_code in _HIDDEN
        assert not (refused and each.is_in_other_list), (
            f"GET {each.made.resource.create.path} shows somebody else {each.made.words}, "
            "which GET by its id refuses to the same person"
        )
        judged += refused
    if not made:
        raise nothing_made(maker)
    if not judged:
        raise Inconclusive("nothing-private", "No object was made that is refused to others and has a list.")


def check_read(each: Theirs) -> None:
    """Somebody else's GET does not show the object."""
    answer = each.asked_by_other("GET")
    assert not answer.is_success, (
        f"{each.made.resource.read.subject} answered {answer.status_code} to somebody else than the owner of "
        f"{each.made.words}"
    )


def check_change(each: Theirs, maker: Maker) -> bool:
    """Somebody else's PUT or PATCH leaves the object as it was; says whether one was sent."""
    sent = False
    for method in ("PATCH", "PUT"):
        operation = each.made.resource.item(method)
        if operation is None or maker.target.withholds(operation):
            continue
        for body in changes(operation, each.made, maker):
            answer = each.asked_by_other(method, json=body)
            after = each.seen_by_owner()
            sent = sent or answer.status_code in _HIDDEN
            shown = [name for name, value in body.items() if differs_to(after, each.made, name, value)]
            assert not (answer.is_success and shown), (
                f"{operation.subject} answered {answer.status_code} to somebody else, and the owner of "
                f"{each.made.words} now sees another {', '.join(shown)}"
            )
    return sent


def changes(operation: Operation, made: Made, maker: Maker) -> Iterator[Mapping[str, Any]]:
    """Yield bodies that would change the object: whole, and for PATCH each member alone.

    A whole one may be refused for one member that only some may set; that says nothing of the others.
    """
    body = changed_body(operation, made, maker)
    if body:
        yield body
    if operation.method == "PATCH" and len(body) > 1:
        yield from (
            {name: value}
            for name, value in body.items()
            if name in made.members and made.members[name] != value
        )


def check_actions(each: Theirs, maker: Maker) -> bool:
    """Somebody else's POST below the object leaves it as it was; says whether one was refused."""
    item = each.made.resource.read.path.rstrip("/")
    below = re.compile(re.escape(item) + r"/[^/{}]+/?")
    refused = False
    for operation in maker.target.operations:
        is_action = operation.method == "POST" and below.fullmatch(operation.path)
        if not is_action or operation.request_media_types or maker.target.withholds(operation):
            continue
        before = body_of(each.seen_by_owner())
        answer = each.pace.ask(each.other, "POST", each.made.path.rstrip("/") + operation.path[len(item) :])
        assert not (answer.is_success and body_of(each.seen_by_owner()) != before), (
            f"{operation.subject} answered {answer.status_code} to somebody else, and the owner of "
            f"{each.made.words} now sees another"
        )
        refused = refused or answer.status_code in _HIDDEN
    return refused


def check_delete(each: Theirs, target: ScenarioContext, maker: Maker) -> bool:
    """Somebody else's DELETE leaves the object there; says whether one was sent."""
    operation = each.made.resource.item("DELETE")
    may_delete = operation is not None and (target.is_launched or operation.subject in target.destructive)
    if operation is None or not may_delete or maker.target.withholds(operation):
        return False
    answer = each.asked_by_other("DELETE")
    after = each.seen_by_owner()
    assert not (answer.is_success and after.status_code in {404, 410}), (
        f"{operation.subject} answered {answer.status_code} to somebody else, and {each.made.words} is gone"
    )
    return answer.status_code in _HIDDEN


def changed_body(operation: Operation, made: Made, maker: Maker) -> Mapping[str, Any]:
    """Return a body that would change a text of the object."""
    body = maker.body_of(operation)
    return body if any(made.members.get(name) != value for name, value in body.items()) else {}


def differs_to(after: httpx.Response, made: Made, name: str, value: Any) -> bool:
    """Whether the owner now sees the value that somebody else sent, where there was another."""
    return object_in(body_of(after)).get(name) == value and made.members.get(name) != value
