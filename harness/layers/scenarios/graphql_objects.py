"""What a GraphQL schema lets callers read and change by naming an object's id."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from harness.layers.scenarios.samples import CannotSample

_ID = re.compile(r"(?i)^(.*_)?(id|uuid)$|[a-z]I[dD]$")
_CHANGE = re.compile(r"(?i)^(update|edit|change|set|rename|patch|modify)|(update|edit|rename)$")
_REMOVAL = re.compile(r"(?i)^(delete|remove|destroy)|(delete|remove)$")
_MOST = 50
_TEXT = "sample7f3a9c"
_PLAIN: Mapping[str, object] = {"String": _TEXT, "ID": _TEXT, "Int": 1, "Float": 1.5, "Boolean": False}

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ById:
    """A field that takes the id of one object, and values for what else it needs."""

    name: str
    argument: str
    selection: str
    extra: Mapping[str, Any]
    is_number: bool = False

    def query(self, identifier: str) -> str:
        """Return the selection of this field for one object."""
        is_number = self.is_number and identifier.isdecimal()
        given = {self.argument: int(identifier) if is_number else identifier, **self.extra}
        arguments = ", ".join(f"{name}: {literal(value)}" for name, value in given.items())
        return f"{self.name}({arguments}){self.selection}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A field that lists objects with ids."""

    name: str
    query: str

    def ids(self, data: Fields) -> Sequence[str] | None:
        """Return the ids that an answer lists; None where the list was not answered."""
        found = data.get(self.name)
        if isinstance(found, dict):
            found = [edge.get("node") for edge in found.get("edges") or () if isinstance(edge, dict)]
        if not isinstance(found, list):
            return None
        return [str(each["id"]) for each in found if isinstance(each, dict) and each.get("id") is not None]


def readers(schema: GraphQLSchema) -> Iterator[ById]:
    """Yield the query fields that read one object by its id and nothing else."""
    for name, field in _fields(schema.query_type):
        kind = get_named_type(field.type)
        argument = _only_id(field)
        is_one = not isinstance(_bare(field.type), GraphQLList)
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) or "id" not in kind.fields:
            continue
        if argument and is_one:
            yield ById(
                name=name,
                argument=argument,
                selection=_selection(kind),
                extra={},
                is_number=_is_number(field, argument),
            )


def lists(schema: GraphQLSchema) -> Iterator[Listed]:
    """Yield the query fields that list objects with ids and need no argument."""
    for name, field in _fields(schema.query_type):
        if any(is_required_argument(each) for each in field.args.values()):
            continue
        kind = get_named_type(field.type)
        size = f"(first: {_MOST})" if "first" in field.args else ""
        if isinstance(kind, GraphQLObjectType) and _node_of(kind) is not None:
            yield Listed(name=name, query=f"{name}{size}{{edges{{node{{id}}}}}}")
        elif isinstance(_bare(field.type), GraphQLList) and "id" in getattr(kind, "fields", {}):
            yield Listed(name=name, query=f"{name}{size}{{id}}")


def changers(schema: GraphQLSchema) -> Iterator[ById]:
    """Yield the mutations that change or remove one object by its id: those that remove come last."""
    for wanted in (_CHANGE, _REMOVAL):
        for name, field in _fields(schema.mutation_type):
            required = {each: one for each, one in field.args.items() if is_required_argument(one)}
            argument = next((each for each in required if _ID.search(each)), "")
            if not argument or not wanted.search(name):
                continue
            try:
                extra = {each: value_of(one.type) for each, one in required.items() if each != argument}
            except CannotSample:
                continue
            kind = get_named_type(field.type)
            yield ById(
                name=name,
                argument=argument,
                selection=_answer(kind),
                extra=extra,
                is_number=_is_number(field, argument),
            )


def value_of(kind: GraphQLInputType, depth: int = 0) -> Any:
    """Return a value that a type takes; raises CannotSample for a scalar of the schema's own."""
    bare = _bare(kind)
    if isinstance(bare, GraphQLList):
        return [value_of(bare.of_type, depth + 1)]
    if isinstance(bare, GraphQLEnumType):
        return Word(next(iter(bare.values)))
    if isinstance(bare, GraphQLInputObjectType) and depth < 5:
        fields = bare.fields.items()
        return {
            name: value_of(each.type, depth + 1) for name, each in fields if is_required_input_field(each)
        }
    if isinstance(bare, GraphQLScalarType) and bare.name in _PLAIN:
        return _PLAIN[bare.name]
    raise CannotSample(f"No value is known for the GraphQL type {kind}.")


class Word(str):
    """The name of an enumeration's value: it stands without quotes."""

    __slots__ = ()


def literal(value: Any) -> str:
    """Return a value as GraphQL writes it."""
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(each) for each in value) + "]"
    return json.dumps(value)


def _fields(kind: GraphQLObjectType | None) -> Iterator[tuple[str, GraphQLField]]:
    yield from () if kind is None else kind.fields.items()


def _only_id(field: GraphQLField) -> str:
    required = [name for name, each in field.args.items() if is_required_argument(each)]
    return required[0] if len(required) == 1 and _ID.search(required[0]) else ""


def _is_number(field: GraphQLField, argument: str) -> bool:
    return get_named_type(field.args[argument].type).name == "Int"


def _bare(kind: Any) -> Any:
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def _node_of(kind: GraphQLObjectType) -> GraphQLObjectType | None:
    edges = kind.fields.get("edges")
    edge = None if edges is None else get_named_type(edges.type)
    node = edge.fields.get("node") if isinstance(edge, GraphQLObjectType) else None
    found = None if node is None else get_named_type(node.type)
    return found if isinstance(found, GraphQLObjectType) and "id" in found.fields else None


def _selection(kind: GraphQLObjectType | GraphQLInterfaceType) -> str:
    plain = [
        name
        for name, each in kind.fields.items()
        if is_leaf_type(get_named_type(each.type)) and not any(map(is_required_argument, each.args.values()))
    ]
    return "{" + " ".join(plain) + "}"


def _answer(kind: Any) -> str:
    return "" if is_leaf_type(kind) else "{__typename}"
