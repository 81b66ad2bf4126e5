"""What stands below somebody's object is as closed as the object, by every way that leads to it."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import Credentials, ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.making import Made, Maker, nothing_made
from harness.layers.scenarios.nesting import Below, create_below, is_marked
from harness.layers.scenarios.people import equals
from harness.layers.scenarios.signals import Inconclusive
from harness.target.nesting import Nested, nested

_HIDDEN = frozenset({401, 403, 404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """An object below a parent that is refused to somebody else, and who asks."""

    child: Below
    owner: httpx.Client
    other: httpx.Client
    maker: Maker

    def asked(self, client: httpx.Client, method: str, path: str) -> httpx.Response:
        """Ask as one of the two."""
        return self.maker.pace.ask(client, method, path)


@pytest.fixture
def kinds(operations: tuple[Operation, ...]) -> list[Nested]:
    """What the document lets people make below an object of theirs."""
    found = list(nested(operations))
    if not found:
        raise Inconclusive("nothing-nested", "The document declares nothing that is created below an object.")
    return found


@pytest.fixture
def families(
    kinds: list[Nested], target: ScenarioContext, clients: Clients, maker: Maker
) -> Iterator[Family]:
    """Objects that the owner made just now, below parents that are the owner's alone."""
    pair: tuple[Credentials, Credentials] = equals(target)
    owner, other = (clients(each.headers, identity=each.name) for each in pair)
    return (
        Family(child=child, owner=owner, other=other, maker=maker)
        for kind in maker.pace.some(kinds)
        if (parent := maker.make(kind.parent, owner)) is not None
        and maker.pace.ask(other, "GET", parent.path).status_code in _HIDDEN
        and (child := Below.make(kind, parent, owner, maker)) is not None
    )


@pytest.mark.requirement("security.nested-objects-owned")
@pytest.mark.needs("nested-objects")
@pytest.mark.writes
def test_what_stands_below_a_closed_object_is_closed_by_every_way(
    families: Iterator[Family], maker: Maker
) -> None:
    """Who may not open an object reads, adds and removes nothing below it, and nothing by another parent."""
    made = judged = 0
    for each in families:
        made += 1
        judged += check_reads(each) + check_foreign_parent(each) + check_adding(each) + check_removal(each)
    if not made:
        raise nothing_made(maker)
    if not judged:
        raise Inconclusive(
            "nothing-shown", "What was made below an object is not shown to its owner, either."
        )


def check_reads(each: Family) -> int:
    """No way that shows the object to its owner shows it to somebody else."""
    judged = 0
    for subject, path in each.child.reads.items():
        if not each.child.is_shown_in(each.asked(each.owner, "GET", path)):
            continue
        answer = each.asked(each.other, "GET", path)
        assert not each.child.is_shown_in(answer), (
            f"{subject} answered {answer.status_code} to somebody else, with what stands below "
            f"{each.child.parent.words} that is refused to the same person"
        )
        judged += 1
    return judged


def check_foreign_parent(each: Family) -> int:
    """Below a parent of somebody else's own the object is not there."""
    own: Made | None = each.maker.make(each.child.kind.parent, each.other)
    ways = {} if own is None else each.child.below(own)
    for subject, path in ways.items():
        answer = each.asked(each.other, "GET", path)
        assert not each.child.is_shown_in(answer), (
            f"{subject} answered {answer.status_code} to somebody who named an own parent, with an object "
            "that stands below another's"
        )
    return len(ways)


def check_adding(each: Family) -> int:
    """Nothing that somebody else creates below the parent is there for its owner."""
    collection = each.child.kind.child.collection
    if collection is None:
        return 0
    sent = create_below(each.child.kind, each.child.parent.name, each.other, each.maker)
    if sent is None:
        return 1
    marks, answer = sent
    after = each.asked(each.owner, "GET", each.child.path(collection))
    assert not is_marked(after, marks), (
        f"{each.child.kind.child.create.subject} answered {answer.status_code} to somebody else, and the "
        f"owner sees what was added below {each.child.parent.words}"
    )
    return 0


def check_removal(each: Family) -> int:
    """Nothing that somebody else deletes is gone."""
    kind, target = each.child.kind.child, each.maker.target
    operation, read = kind.item("DELETE"), kind.item("GET")
    may_delete = operation is not None and (target.is_launched or operation.subject in target.destructive)
    if (
        not each.child.name
        or operation is None
        or read is None
        or not may_delete
        or target.withholds(operation)
    ):
        return 0
    path = each.child.path(operation)
    if not each.asked(each.owner, "GET", path).is_success:
        return 0
    answer = each.asked(each.other, "DELETE", path)
    after = each.asked(each.owner, "GET", path)
    assert not (answer.is_success and after.status_code in {404, 410}), (
        f"{operation.subject} answered {answer.status_code} to somebody else, and what stood below "
        f"{each.child.parent.words} is gone"
    )
    return int(answer.status_code in _HIDDEN)
