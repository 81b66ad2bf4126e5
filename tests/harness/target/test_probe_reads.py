"""Where probes look for what a target's reads offer."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import httpx

from harness.core.operation import Operation, Operations
from harness.core.plan import Capability, CapabilityState
from harness.target.instance import Instance
from harness.target.probes import graphql, health, validators
from harness.target.probes.protocol import Asking

_READS = (Operation(method="GET", path="/books"), Operation(method="GET", path="/books/{book_id}"))
Answer = Callable[[httpx.Request], httpx.Response]


def _asked(
    ask: Callable[[Asking], Capability], answer: Answer, *operations: Operation, prefix: str = ""
) -> Capability:
    instance = SimpleNamespace(
        operations=Operations(operations, prefix=prefix),
        openapi_document={"paths": {}},
        sessions={},
        target=SimpleNamespace(base_url="http://t", never=(), graphql="", graphql_schema=""),
    )
    with httpx.Client(base_url="http://t", transport=httpx.MockTransport(answer)) as client:
        return ask(Asking(instance=cast("Instance", instance), client=client))


def test_an_etag_is_found_on_one_object_of_a_list() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/books":
            return httpx.Response(200, json={"items": [{"id": 7}], "total": 1})
        return httpx.Response(
            200 if request.url.path == "/books/7" else 404, headers={"ETag": '"7"'}, json={}
        )

    found = _asked(validators.ask, answer, *_READS)

    assert (found.state, found.items) == (CapabilityState.PRESENT, ("/books/7",))


def test_reads_without_an_etag_lack_it() -> None:
    found = _asked(validators.ask, lambda _: httpx.Response(200, json=[{"id": 7}]), *_READS)

    assert found.state is CapabilityState.ABSENT


def test_where_there_is_no_object_yet_nobody_knows_of_etags() -> None:
    found = _asked(validators.ask, lambda _: httpx.Response(200, json={"items": []}), *_READS)

    assert found.state is CapabilityState.UNKNOWN


def test_where_nothing_is_read_nothing_is_known() -> None:
    found = _asked(validators.ask, lambda _: httpx.Response(404))

    assert found.state is CapabilityState.UNKNOWN


def test_health_is_found_where_the_document_says() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.url.path == "/api/health" else 404, json={"status": "ok"})

    found = _asked(health.ask, answer, Operation(method="GET", path="/health"), prefix="/api")

    assert (found.state, found.items) == (CapabilityState.PRESENT, ("/api/health",))


def test_an_introspection_that_is_answered_in_part_names_no_fields() -> None:
    """A target may answer what it likes: that is no reason for the harness to end."""
    found = _asked(
        graphql.ask,
        lambda _: httpx.Response(200, json={"data": {"__schema": {"queryType": {"name": "Query"}}}}),
    )

    assert (found.state, found.items) == (CapabilityState.PRESENT, ())


def test_an_introspection_names_the_fields_of_the_root_types() -> None:
    schema = {"queryType": {"name": "Query", "fields": [{"name": "books"}, {"odd": 1}]}, "mutationType": None}

    found = _asked(graphql.ask, lambda _: httpx.Response(200, json={"data": {"__schema": schema}}))

    assert found.items == ("Query.books",)
