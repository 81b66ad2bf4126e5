"""GraphQL over HTTP: media types and statuses, malformed requests, GET, cost and what is given away."""

import re
from collections.abc import Mapping, Sequence

import httpx
import pytest
from graphql import GraphQLSchema

from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.expect import shown
from harness.layers.scenarios.graphql_door import (
    ACCEPT_NEW,
    ACCEPT_OLD,
    RESPONSE_JSON,
    GraphQLDoor,
    described,
    messages,
    open_door,
    was_executed,
)
from harness.layers.scenarios.reads import json_or_none
from harness.layers.scenarios.signals import Inconclusive

_ALIASES = 1000
_BATCH = 50
_SUGGESTION = re.compile(r"(?i)did you mean")
_REQUEST_ERRORS: Mapping[str, Mapping[str, object]] = {
    "a query that does not parse": {"query": "{"},
    "a field that does not exist": {"query": "{ noSuchField7f3a9c }"},
    "an operation that is not there": {"query": "query A { __typename }", "operationName": "B"},
}
_MALFORMED: Mapping[str, object] = {
    "no query": {"variables": {}},
    "a query that is no string": {"query": 42},
    "variables that are no object": {"query": "{__typename}", "variables": "none"},
    "an operation name that is no string": {"query": "{__typename}", "operationName": {"a": 1}},
    "a body that is no object": "{__typename}",
}


@pytest.fixture
def door(identified: httpx.Client, target: ScenarioContext) -> GraphQLDoor:
    """The target's GraphQL endpoint, found to answer the plainest query."""
    found = open_door(identified, target.graphql)
    if not was_executed(found.post("{__typename}")):
        raise Inconclusive("query-refused", "The plainest query, {__typename}, is not answered with data.")
    return found


@pytest.fixture
def schema(door: GraphQLDoor, target: ScenarioContext) -> GraphQLSchema:
    """The endpoint's schema."""
    return door.schema(target.graphql_schema)


def _media_type(answer: httpx.Response) -> str:
    return answer.headers.get("content-type", "").split(";")[0].strip().lower()


@pytest.mark.requirement("graphql.statuses-as-negotiated")
@pytest.mark.needs("graphql")
def test_status_and_media_type_are_those_of_graphql_over_http(door: GraphQLDoor) -> None:
    """Answers have a type that was asked for; in graphql-response+json an answer without data is no 2xx."""
    for accept in (ACCEPT_NEW, ACCEPT_OLD):
        answer = door.post("{__typename}", accept=accept)
        said = f"POST {door.path} with Accept: {accept['Accept']}"
        assert answer.status_code == 200, f"{said}: a right query answered {answer.status_code}"
        assert _media_type(answer) in accept["Accept"], f"{said} is answered with {_media_type(answer)}"
    for kind, request in _REQUEST_ERRORS.items():
        answer = door.send(request)
        said = f"POST {door.path} with {kind} answered {answer.status_code}"
        assert answer.status_code < 500, f"{said}: {shown(answer)}"
        if _media_type(answer) == RESPONSE_JSON:
            assert answer.status_code >= 400, f"{said} in {RESPONSE_JSON}, and nothing was executed"


@pytest.mark.requirement("graphql.bad-requests-refused")
@pytest.mark.needs("graphql")
def test_a_request_that_is_no_graphql_request_is_refused(door: GraphQLDoor) -> None:
    """Malformed JSON, a missing query and members of the wrong type are answered with a 4xx."""
    answers = {kind: door.send(body) for kind, body in _MALFORMED.items()}
    answers["malformed JSON"] = door.send_raw(b'{"query": "{__typename', "application/json")
    answers["text/plain"] = door.send_raw(b'{"query": "{__typename}"}', "text/plain")
    for kind, answer in answers.items():
        said = f"POST {door.path} with {kind} answered {answer.status_code}"
        assert 400 <= answer.status_code < 500, f"{said}, not a refusal: {shown(answer)}"
    unknown = door.send(_REQUEST_ERRORS["an operation that is not there"])
    assert not was_executed(unknown), f"POST {door.path} executes although operationName names nothing there"


@pytest.mark.requirement("graphql.mutations-refused-over-get")
@pytest.mark.needs("graphql")
def test_a_mutation_by_get_is_not_executed(door: GraphQLDoor) -> None:
    """GET with a mutation is refused (405 by GraphQL over HTTP 5.3); this one would change nothing."""
    door.get("{ __typename }")  # whether queries are taken by GET is for the judges

    answer = door.get("mutation { __typename }")

    assert not was_executed(answer), f"GET {door.path} executed a mutation: {shown(answer)}"
    assert answer.status_code < 500, f"GET {door.path} with a mutation answered {answer.status_code}"


@pytest.mark.requirement("graphql.cost-limited")
@pytest.mark.needs("graphql")
def test_one_request_cannot_ask_for_everything(door: GraphQLDoor) -> None:
    """A thousand aliases in one query, and fifty queries in one request, are refused."""
    aliases = door.post("{" + " ".join(f"a{number}:__typename" for number in range(_ALIASES)) + "}")
    batch = door.send([{"query": "{__typename}"}] * _BATCH)

    assert not was_executed(aliases), f"POST {door.path} answered {_ALIASES} aliases of one field"
    answered = json_or_none(batch)
    is_whole = isinstance(answered, list) and len(answered) == _BATCH
    assert not is_whole, f"POST {door.path} answered {_BATCH} queries in one request"


@pytest.mark.requirement("graphql.introspection-closed")
@pytest.mark.needs("graphql")
def test_the_schema_is_not_given_to_strangers(client: httpx.Client, target: ScenarioContext) -> None:
    """A caller without credentials cannot read the schema by introspection."""
    path = target.graphql or open_door(client, "").path

    answer = client.post(path, json={"query": "{__schema{queryType{name}}}"}, headers=ACCEPT_NEW)

    is_error = answer.status_code != 404 and bool(messages(answer))
    is_told = was_executed(answer) or is_error or answer.status_code in {401, 403}
    if not is_told:
        raise Inconclusive("no-graphql-answer", f"{path} answered {answer.status_code}, which tells nothing.")
    assert not was_executed(answer), f"POST {path} answers introspection to anybody"


@pytest.mark.requirement("graphql.suggestions-off")
@pytest.mark.needs("graphql")
def test_errors_do_not_suggest_what_the_schema_has(door: GraphQLDoor, schema: GraphQLSchema) -> None:
    """A field name with a slip is refused without naming the right one."""
    assert schema.query_type is not None
    slips = [f"{name}x" for name in schema.query_type.fields if len(name) >= 4][:5]
    if not slips:
        raise Inconclusive("no-fields", "The schema has no field whose name is long enough for a slip.")
    for slip in slips:
        said = [each for each in messages(door.post(f"{{ {slip} }}")) if _SUGGESTION.search(each)]
        assert not said, f"POST {door.path} with {{ {slip} }} says: {said[0]}"


@pytest.mark.requirement("docs.graphql-fields-described")
@pytest.mark.needs("graphql")
def test_fields_say_what_they_hold(schema: GraphQLSchema) -> None:
    """Every field of the schema's own types has a description."""
    fields: Sequence[tuple[str, bool]] = list(described(schema))
    if not fields:
        raise Inconclusive("no-fields", "The schema has no types of its own.")
    silent = [name for name, is_described in fields if not is_described]

    assert not silent, f"{len(silent)} of {len(fields)} fields have no description, e.g. {silent[:5]}"
