"""What is published is what is served: examples that work, and the GraphQL schema."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from harness.core.resources import resource
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.core_profile import Account, Accounts, GraphQL
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.expect import json_of, shown
from harness.layers.scenarios.signals import Inconclusive

_REFUSED_AS_INVALID = frozenset({400, 415, 422})
_DEEPEST = 4


@pytest.mark.requirement("docs.examples-accepted")
def test_every_example_of_a_request_is_accepted(
    client: httpx.Client, accounts: Accounts, account: Account, control: Control, target: ScenarioContext
) -> None:
    """No request example in the OpenAPI document is refused as invalid."""
    document = json_of(client.get(target.openapi))
    admin = accounts.shared("admin").client
    known = {
        "user_id": account.user_id,
        "breaker_id": control.state("a closed breaker").get("breaker_id"),
        "message_id": control.state("a queued message", token=account.token).get("message_id"),
        "channel_id": "webhook",
        "key": "example.txt",
    }
    tried = 0
    for method, path, media_type, example in examples(document):
        try:
            concrete = path.format(**known)
        except KeyError:
            continue  # nothing is known that could stand there
        headers = {"Content-Type": media_type, "If-Match": "*"}
        sent: dict[str, Any] = {"json": example} if media_type.endswith("json") else {"content": example}
        answer = admin.request(method, concrete, headers=headers, **sent)
        assert answer.status_code not in _REFUSED_AS_INVALID, (
            f"the example of {method} {path} is refused with {answer.status_code}: {shown(answer)}"
        )
        assert answer.status_code < 500, f"the example of {method} {path} made it answer {answer.status_code}"
        tried += 1
    if not tried:
        raise Inconclusive("no-examples", "The OpenAPI document holds no example that could be sent.")


def examples(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield every request example of the document with its operation and media type."""
    for path, item in document["paths"].items():
        for method in ("post", "put", "patch"):
            content = item.get(method, {}).get("requestBody", {}).get("content", {})
            for media_type, described in content.items():
                if "example" in described:
                    yield method.upper(), path, media_type, described["example"]
                for named in described.get("examples", {}).values():
                    yield method.upper(), path, media_type, named.get("value")


@pytest.mark.requirement("docs.graphql-schema-published")
def test_everything_in_the_published_schema_is_served(graphql: GraphQL, target: ScenarioContext) -> None:
    """Every field, argument and enum value of the published schema is known to the running endpoint."""
    if not target.graphql_schema:
        raise Inconclusive("no-published-schema", "The target file names no GraphQL schema.")
    schema = build_schema(published(target.graphql_schema))
    for query in validation_queries(schema):
        errors = graphql.ask(query).get("errors") or ()
        unknown = [each["message"] for each in errors]
        assert not unknown, f"{query} is refused: {unknown}"


@pytest.mark.requirement("docs.graphql-schema-published")
def test_nothing_is_served_that_the_published_schema_does_not_know(
    graphql: GraphQL, target: ScenarioContext
) -> None:
    """Where the endpoint shows its schema, its types and fields are those that are published."""
    if not target.graphql_schema:
        raise Inconclusive("no-published-schema", "The target file names no GraphQL schema.")
    answer = graphql.ask("{ __schema { types { kind name fields { name } } } }")
    if not answer.get("data"):
        return  # a hardened endpoint shows nothing; the scenario above then stands alone
    schema = build_schema(published(target.graphql_schema))
    for served in answer["data"]["__schema"]["types"]:
        if served["kind"] not in {"OBJECT", "INTERFACE"} or served["name"].startswith("__"):
            continue
        known = schema.type_map.get(served["name"])
        assert isinstance(known, GraphQLObjectType | GraphQLInterfaceType), (
            f"{served['name']} is not published"
        )
        extra = {each["name"] for each in served["fields"]} - set(known.fields)
        assert not extra, f"{served['name']} has fields that are not published: {sorted(extra)}"


def published(name: str) -> str:
    """Return the text of the published schema."""
    path = Path(name)
    return (path if path.is_file() else resource(name)).read_text(encoding="utf-8")


def validation_queries(schema: GraphQLSchema) -> Iterator[str]:
    """Yield operations that are validated against the served schema and, being skipped, never run."""
    roots: tuple[tuple[str, GraphQLObjectType | None], ...] = (
        ("query", schema.query_type),
        ("mutation", schema.mutation_type),
    )
    for kind, root in roots:
        for name, field in (root.fields if root else {}).items():
            for arguments in argument_lists(field):
                yield f"{kind} {{ {name}{arguments} @skip(if: true){selection(field, _DEEPEST)} __typename }}"


def argument_lists(field: GraphQLField) -> Iterator[str]:
    """Yield the arguments of a field with every value that an enum among them can have."""
    if not field.args:
        yield ""
        return
    base = {name: literals(argument.type) for name, argument in field.args.items()}
    for turn in range(max(map(len, base.values()))):
        chosen = (f"{name}: {values[min(turn, len(values) - 1)]}" for name, values in base.items())
        yield f"({', '.join(chosen)})"


def literals(kind: GraphQLInputType) -> list[str]:
    """Return literals of an input type: one, or one for every value of an enum."""
    nullable = get_nullable_type(kind)
    if is_list_type(nullable):
        return [f"[{each}]" for each in literals(nullable.of_type)]
    if isinstance(nullable, GraphQLEnumType):
        return list(nullable.values)
    if isinstance(nullable, GraphQLInputObjectType):
        values = {name: literals(each.type) for name, each in nullable.fields.items()}
        longest = max(map(len, values.values()))
        return [
            "{"
            + ", ".join(f"{name}: {each[min(turn, len(each) - 1)]}" for name, each in values.items())
            + "}"
            for turn in range(longest)
        ]
    return [{"Int": "1", "Float": "1.5", "Boolean": "true"}.get(get_named_type(kind).name, '"x"')]


def selection(field: GraphQLField, depth: int) -> str:
    """Return a selection of everything below a field, as deep as operations may go."""
    named = get_named_type(field.type)
    if isinstance(named, GraphQLInterfaceType):
        return " { __typename }"
    if not isinstance(named, GraphQLObjectType):
        return ""
    if depth == 0:
        return " { __typename }"
    inner = (
        f"{name}{required(each.args)}{selection(each, depth - 1)}" for name, each in named.fields.items()
    )
    return " { " + " ".join(inner) + " }"


def required(arguments: Mapping[str, GraphQLArgument]) -> str:
    """Return the arguments that a nested field cannot do without."""
    needed = {name: each for name, each in arguments.items() if isinstance(each.type, GraphQLNonNull)}
    if not needed:
        return ""
    return "(" + ", ".join(f"{name}: {literals(each.type)[0]}" for name, each in needed.items()) + ")"
