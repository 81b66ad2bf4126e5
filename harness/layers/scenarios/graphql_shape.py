"""Holds the data of a GraphQL answer against the types and nullability of its schema. Pure."""

from collections.abc import Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

_INT = range(-(2**31), 2**31)


def mismatches(schema: GraphQLSchema, document: str, data: object) -> Iterator[str]:
    """Yield where the data of the document's one operation is not what the schema promises.

    An abstract type is looked into where the document asks for `__typename`.
    """
    definitions = parse(document).definitions
    operation = next(each for each in definitions if isinstance(each, OperationDefinitionNode))
    fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
    root = schema.get_root_type(operation.operation)
    if root is None:
        yield f"the schema has no {operation.operation.value}"
        return
    yield from _Comparison(schema, fragments).members(root, operation.selection_set, data, "data")


class _Comparison:
    """One document against one schema."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments

    def members(
        self, kind: GraphQLNamedType, selections: SelectionSetNode | None, value: object, path: str
    ) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path} is {_shown(value)} and not an object"
            return
        concrete = self._concrete(kind, value)
        if concrete is None:
            if "__typename" in value:
                yield f"{path} is a {_shown(value['__typename'])}, which is no {kind.name}"
            return
        for node in selections.selections if selections else ():
            yield from self._selection(concrete, node, value, path)

    def _concrete(self, kind: GraphQLNamedType, value: Mapping[str, object]) -> GraphQLObjectType | None:
        if isinstance(kind, GraphQLObjectType):
            return kind
        named = self._schema.get_type(str(value.get("__typename")))
        return named if isinstance(named, GraphQLObjectType) and self._is_kind_of(kind, named) else None

    def _is_kind_of(self, wanted: GraphQLNamedType | None, kind: GraphQLObjectType) -> bool:
        if isinstance(wanted, GraphQLInterfaceType | GraphQLUnionType):
            return self._schema.is_sub_type(wanted, kind)
        return wanted is kind

    def _selection(
        self, kind: GraphQLObjectType, node: object, value: Mapping[str, object], path: str
    ) -> Iterator[str]:
        match node:
            case FieldNode():
                yield from self._field(kind, node, value, path)
            case InlineFragmentNode():
                condition = node.type_condition.name.value if node.type_condition else kind.name
                yield from self._fragment(kind, condition, node.selection_set, value, path)
            case FragmentSpreadNode():
                fragment = self._fragments[node.name.value]
                condition = fragment.type_condition.name.value
                yield from self._fragment(kind, condition, fragment.selection_set, value, path)

    def _fragment(
        self,
        kind: GraphQLObjectType,
        condition: str,
        selections: SelectionSetNode,
        value: Mapping[str, object],
        path: str,
    ) -> Iterator[str]:
        if self._is_kind_of(self._schema.get_type(condition), kind):
            for node in selections.selections:
                yield from self._selection(kind, node, value, path)

    def _field(
        self, kind: GraphQLObjectType, node: FieldNode, value: Mapping[str, object], path: str
    ) -> Iterator[str]:
        name = node.name.value
        here = node.alias.value if node.alias else name
        if name.startswith("__"):
            return
        if here not in value:
            yield f"{path}.{here} is missing"
            return
        yield from self._value(kind.fields[name].type, node.selection_set, value[here], f"{path}.{here}")

    def _value(
        self, kind: GraphQLOutputType, selections: SelectionSetNode | None, value: object, path: str
    ) -> Iterator[str]:
        if isinstance(kind, GraphQLNonNull):
            if value is None:
                yield f"{path} is null, and the schema says {kind}"
                return
            kind = kind.of_type
        if value is None:
            return
        if isinstance(kind, GraphQLList):
            yield from self._list(kind, selections, value, path)
        elif isinstance(kind, GraphQLScalarType | GraphQLEnumType):
            if not _fits(kind, value):
                yield f"{path} is {_shown(value)}, and the schema says {kind}"
        else:
            yield from self.members(kind, selections, value, path)

    def _list(
        self,
        kind: GraphQLList[GraphQLOutputType],
        selections: SelectionSetNode | None,
        value: object,
        path: str,
    ) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path} is {_shown(value)}, and the schema says {kind}"
            return
        for number, each in enumerate(value):
            yield from self._value(kind.of_type, selections, each, f"{path}[{number}]")


def _fits(kind: GraphQLScalarType | GraphQLEnumType, value: object) -> bool:
    """Whether a leaf is of its type; scalars that the schema made up may be anything."""
    if isinstance(kind, GraphQLEnumType):
        return isinstance(value, str) and value in kind.values
    match kind.name:
        case "Int":
            return isinstance(value, int) and not isinstance(value, bool) and value in _INT
        case "Float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "String" | "ID":
            return isinstance(value, str)
        case "Boolean":
            return isinstance(value, bool)
        case _:
            return True


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + " …"
