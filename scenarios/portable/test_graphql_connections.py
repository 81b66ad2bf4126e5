"""Connections keep the rules of Relay: page info is true, cursors exclude their own row, pages agree."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from graphql import GraphQLField, GraphQLSchema, get_named_type, is_required_argument

from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.graphql_door import GraphQLDoor, open_door
from harness.layers.scenarios.signals import Inconclusive

#: What Relay lets page info hold; a schema without the way back may leave its half out, and is read as it is.
_INFO = ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")
_MOST = 50
_FEW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A query field that answers with a connection, and whether it pages backwards, too."""

    door: GraphQLDoor
    name: str
    info: Sequence[str]
    pages_back: bool

    def page(self, **arguments: object) -> tuple[Sequence[str], Mapping[str, Any]]:
        """Return the cursors and the page info of one page."""
        given = ",".join(f"{name}:{_literal(value)}" for name, value in arguments.items())
        page = f"pageInfo{{{' '.join(self.info)}}}"
        data = self.door.data(f"{{{self.name}({given}){{edges{{cursor}} {page}}}}}")[self.name]
        if not isinstance(data, dict):
            raise Inconclusive("connection-null", f"{self.name} is null for this caller.")
        return [edge["cursor"] for edge in data["edges"]], data["pageInfo"]


def _literal(value: object) -> str:
    return json.dumps(value)


def _connection(door: GraphQLDoor, name: str, field: GraphQLField) -> Connection | None:
    arguments = field.args
    is_one = get_named_type(field.type).name.endswith("Connection") and {"first", "after"} <= set(arguments)
    if not is_one or any(is_required_argument(each) for each in arguments.values()):
        return None
    page = getattr(get_named_type(field.type), "fields", {}).get("pageInfo")
    known = getattr(get_named_type(page.type), "fields", {}) if page is not None else {}
    info = [each for each in _INFO if each in known]
    if "hasNextPage" not in info:
        return None
    pages_back = {"last", "before"} <= set(arguments) and set(_INFO) <= set(info)
    return Connection(door=door, name=name, info=info, pages_back=pages_back)


@pytest.fixture
def connections(identified: httpx.Client, target: ScenarioContext) -> list[Connection]:
    """The query fields that answer with a connection and need no argument."""
    door = open_door(identified, target.graphql)
    schema: GraphQLSchema = door.schema(target.graphql_schema)
    fields = schema.query_type.fields if schema.query_type is not None else {}
    found = [each for name, field in fields.items() if (each := _connection(door, name, field)) is not None]
    if not found:
        raise Inconclusive("no-connection", "No query field answers with a connection without arguments.")
    return found


@pytest.mark.requirement("graphql.connections-page-truly")
@pytest.mark.needs("graphql")
@pytest.mark.needs("relay")
def test_pages_forward_and_backward_tell_the_truth(connections: list[Connection]) -> None:
    """Two by two, a connection gives what it gives at once; hasNextPage and hasPreviousPage are right."""
    judged = 0
    for each in connections:
        whole, info = each.page(first=_MOST)
        if len(whole) <= _FEW or (info["hasNextPage"] and _goes_on(each, whole[-1])):
            continue
        judged += 1
        assert not info["hasNextPage"], f"{each.name} says there is a next page, and nothing follows"
        assert len(set(whole)) == len(whole), f"{each.name}(first: {_MOST}) gives a cursor twice"
        _check_forward(each, whole)
        if each.pages_back:
            _check_backward(each, whole)
        again, _ = each.page(first=_MOST)
        assert again == whole, f"{each.name}(first: {_MOST}) gives other cursors the second time"
    if not judged:
        raise Inconclusive("connections-too-short", "No connection holds three to fifty nodes.")


def _goes_on(each: Connection, cursor: str) -> bool:
    following, _ = each.page(first=1, after=cursor)
    assert following != [cursor], f"{each.name} after a cursor begins with that cursor's own row"
    return bool(following)


def _check_forward(each: Connection, whole: Sequence[str]) -> None:
    first, info = each.page(first=_FEW)
    said = f"{each.name}(first: {_FEW})"
    assert first == whole[:_FEW], f"{said} does not give the first {_FEW} of {len(whole)}"
    assert info["hasNextPage"] is True, f"{said} says there is no next page, and {len(whole)} nodes are there"
    assert info.get("endCursor", first[-1]) == first[-1], f"{said}: endCursor is not the last edge's cursor"
    after, _ = each.page(first=1, after=first[-1])
    assert after == whole[_FEW : _FEW + 1], f"{said}, then after its last cursor: not the node that follows"
    last, info = each.page(first=_FEW, after=whole[-2])
    assert last == whole[-1:], f"{each.name} after the last but one does not give the last"
    assert info["hasNextPage"] is False, f"{each.name} says there is a next page after the last one"


def _check_backward(each: Connection, whole: Sequence[str]) -> None:
    last, info = each.page(last=_FEW)
    said = f"{each.name}(last: {_FEW})"
    assert last == whole[-_FEW:], f"{said} does not give the last {_FEW} of {len(whole)}, in order"
    assert info["hasPreviousPage"] is True, f"{said} says that nothing is before it"
    before, _ = each.page(last=1, before=last[0])
    assert before == whole[-_FEW - 1 : -_FEW], f"{said}, then before its first: not the node in front"
    first, info = each.page(last=_FEW, before=whole[1])
    assert first == whole[:1], f"{each.name} before the second does not give the first"
    assert info["hasPreviousPage"] is False, f"{each.name} says there is a page before the first one"
