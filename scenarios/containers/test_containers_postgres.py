"""PostgreSQL killed, frozen and cut off under a serving reference."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg

from scenarios.containers.answers import assert_recovers, assert_steady, assert_unavailable, calls_of
from scenarios.containers.polling import until
from scenarios.containers.receiver import Receiver
from scenarios.containers.reference import Reference, Server, Visitor
from scenarios.containers.services import Service

_BOUND_SECONDS = 10.0
_RECOVERY_SECONDS = 20.0


def test_killed_database_means_503_problems_and_recovery_without_restart(
    server: Server, database: Service, receiver: Receiver
) -> None:
    visitor = Visitor.registered(server).signed_in()
    calls = calls_of(visitor, receiver)
    assert_steady(calls)

    with database.killed():
        until(lambda: server.readiness().status == 503, within=10, what="readiness says unavailable")
        assert server.dependency("database") == "down"
        assert server.ask("GET", "/health/live").status == 200
        for name, call in calls:
            assert_unavailable(name, call(), within=_BOUND_SECONDS)
        assert _graphql_code(visitor) == "SERVICE_UNAVAILABLE"

    until(lambda: server.readiness().status == 200, within=_RECOVERY_SECONDS, what="readiness recovers")
    assert_recovers(calls, within=_RECOVERY_SECONDS)
    assert _graphql_code(visitor) is None
    assert server.child.is_running, "the server was not the same process all the time"


def test_frozen_database_leaves_every_call_bounded(
    server: Server, database: Service, receiver: Receiver
) -> None:
    visitor = Visitor.registered(server).signed_in()
    calls = calls_of(visitor, receiver)
    assert_steady(calls)

    with database.paused():
        for name, call in calls:
            assert_unavailable(name, call(), within=_BOUND_SECONDS)
        live = server.ask("GET", "/health/live")
        assert live.status == 200
        assert live.seconds < 1.0
        assert server.readiness().status == 503

    until(lambda: server.readiness().status == 200, within=_RECOVERY_SECONDS, what="readiness recovers")
    assert_recovers(calls, within=_RECOVERY_SECONDS)


def test_crowd_at_a_frozen_database_is_bounded_too(server: Server, database: Service) -> None:
    visitor = Visitor.registered(server).signed_in()

    with database.paused(), ThreadPoolExecutor(40) as crowd:
        answers = list(crowd.map(lambda _: visitor.ask("GET", "/auth/me"), range(40)))
        for answer in answers:
            assert_unavailable("who am I", answer, within=_BOUND_SECONDS)

    until(lambda: server.readiness().status == 200, within=_RECOVERY_SECONDS, what="readiness recovers")
    assert visitor.ask("GET", "/auth/me").status == 200


def test_cut_connections_are_replaced_before_anybody_notices(reference: Reference, server: Server) -> None:
    visitor = Visitor.registered(server).signed_in()

    cut = asyncio.run(_cut_connections(reference.database_url))

    assert cut > 0, "no connection was cut: the fault is not there"
    for _ in range(5):
        answer = visitor.ask("GET", "/auth/me")
        assert answer.status == 200, answer.response.text


def _graphql_code(visitor: Visitor) -> str | None:
    """The code of the first error of a query; None when there is none."""
    answer = visitor.ask("POST", "/graphql", json={"query": "{ documents(first: 1) { totalCount } }"})
    assert answer.status == 200, answer.response.text
    errors = answer.document().get("errors", [])
    return str(errors[0]["extensions"]["code"]) if errors else None


async def _cut_connections(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        cut = await connection.fetchval(
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    assert isinstance(cut, int)
    return cut
