"""What is one person's is nobody else's by GraphQL, either: not by its id, and not in a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from graphql import GraphQLSchema

from harness.core.operation import Operation
from harness.layers.scenarios.context import Credentials, ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.graphql_door import ACCEPT_NEW, GraphQLDoor, open_door
from harness.layers.scenarios.graphql_objects import ById, Listed, changers, lists, readers
from harness.layers.scenarios.making import Maker
from harness.layers.scenarios.people import equals
from harness.layers.scenarios.reads import json_or_none
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import resources

_HIDDEN = frozenset({401, 403, 404, 410})
_MOST_IDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The endpoint as the owner and as somebody else speaks to it."""

    owner: GraphQLDoor
    other: GraphQLDoor
    schema: GraphQLSchema

    def private(self, listed: Listed) -> Sequence[str]:
        """Return ids that a list, answered to both, shows to its owner alone."""
        own, others = (listed.ids(answered(door, listed.query)) for door in (self.owner, self.other))
        return () if own is None or others is None else [each for each in own if each not in others]

    def seen(self, reader: ById, identifier: str) -> Mapping[str, Any]:
        """Return what the owner sees of an object; nothing where the field does not give it."""
        return shown(self.owner, reader, identifier)


@pytest.fixture
def sides(target: ScenarioContext, clients: Clients) -> Sides:
    """Two people at the target's GraphQL endpoint."""
    pair: tuple[Credentials, Credentials] = equals(target)
    owner, other = (open_door(clients(each.headers, identity=each.name), target.graphql) for each in pair)
    return Sides(owner=owner, other=other, schema=owner.schema(target.graphql_schema))


@pytest.fixture
def over_rest(
    target: ScenarioContext, clients: Clients, operations: tuple[Operation, ...], maker: Maker
) -> Mapping[str, int]:
    """Ids of objects made for it, with consent, over REST, and the status that somebody else gets there."""
    owner, other = (clients(each.headers, identity=each.name) for each in equals(target))
    made = (maker.make(each, owner) for each in maker.pace.some(resources(operations)))
    return {
        each.name: maker.pace.ask(other, "GET", each.path).status_code for each in made if each is not None
    }


@pytest.mark.requirement("graphql.objects-owned")
@pytest.mark.needs("graphql")
def test_nobody_else_reads_or_changes_an_object_by_its_id(
    sides: Sides, target: ScenarioContext, request: pytest.FixtureRequest
) -> None:
    """What only its owner's list shows, or REST refuses, no field gives to another who names its id."""
    fields = list(readers(sides.schema))
    if not fields:
        raise Inconclusive("nothing-by-id", "No query field reads one object by its id.")
    own = [each for listed in lists(sides.schema) for each in sides.private(listed)][:_MOST_IDS]
    may_make = target.may_write and bool(target.operations)
    made: Mapping[str, int] = request.getfixturevalue("over_rest") if may_make else {}
    judged = 0
    for identifier, reader in product({**dict.fromkeys(own), **made}, fields):
        if not sides.seen(reader, identifier):
            continue
        status = made.get(identifier, 0)
        if identifier in own or status in _HIDDEN:
            why = "only its owner's list shows" if identifier in own else "REST refuses to the same person"
            check_read(sides, reader, identifier, why)
        elif not is_of_the_caller(reader):
            check_rest(sides, reader, identifier, status)
        judged += not shown(sides.other, reader, identifier)
        check_changes(sides, reader, identifier, target)
    if not judged:
        raise Inconclusive("nothing-private", "No object was found that is known to be one person's alone.")


def is_of_the_caller(reader: ById) -> bool:
    """Whether the field says that it reads the caller's own things alone, whatever others may see."""
    return reader.name.lower().startswith(("my", "own", "viewer"))


def check_rest(sides: Sides, reader: ById, identifier: str, status: int) -> None:
    """What the field refuses to somebody else, REST refuses to the same person."""
    assert shown(sides.other, reader, identifier) or not 200 <= status < 300, (
        f"REST answered {status} to somebody else for an object that {reader.name}({reader.argument}: ...) "
        "refuses to the same person"
    )


def check_read(sides: Sides, reader: ById, identifier: str, why: str) -> None:
    """The field gives the object to its owner, and nothing to somebody else."""
    assert not shown(sides.other, reader, identifier), (
        f"{reader.name}({reader.argument}: ...) gives somebody else an object that {why}"
    )


def check_changes(sides: Sides, reader: ById, identifier: str, target: ScenarioContext) -> None:
    """No mutation by somebody else changes or removes the object."""
    if not (target.may_write and target.is_launched):
        return
    for each in changers(sides.schema):
        before, again = (sides.seen(reader, identifier) for _ in range(2))
        steady = {name: value for name, value in before.items() if again.get(name) == value}
        if each.name in target.never or not steady:
            continue
        answered(sides.other, each.query(identifier), "mutation")
        after = sides.seen(reader, identifier)
        assert {name: after.get(name) for name in steady} == steady, (
            f"{each.name}({each.argument}: ...) of somebody else changes what {reader.name} shows the owner"
        )


def shown(door: GraphQLDoor, reader: ById, identifier: str) -> Mapping[str, Any]:
    """Return the object that a field gives for an id; nothing where it gives none or another."""
    found = answered(door, reader.query(identifier)).get(reader.name)
    is_it = isinstance(found, dict) and str(found.get("id")) == identifier
    return found if is_it else {}


def answered(door: GraphQLDoor, selection: str, kind: str = "query") -> Mapping[str, Any]:
    """Return the data of one field; none where it is refused, in whatever words."""
    answer = door.client.post(door.path, json={"query": f"{kind}{{{selection}}}"}, headers=ACCEPT_NEW)
    if answer.status_code in {429, 503}:
        raise Inconclusive("throttled", f"{door.path} answered {answer.status_code}.")
    body = json_or_none(answer)
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, dict) else {}
