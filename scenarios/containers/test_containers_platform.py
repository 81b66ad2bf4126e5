"""The platform on PostgreSQL and Redis in containers, from registration to chapters."""

import asyncio

import asyncpg
import redis

from scenarios.containers.polling import until
from scenarios.containers.receiver import Receiver
from scenarios.containers.reference import Reference, Server, Visitor


def test_platform_works_on_postgresql_and_redis(
    reference: Reference, server: Server, receiver: Receiver
) -> None:
    visitor = Visitor.registered(server).signed_in()

    me = visitor.ask("GET", "/auth/me")
    assert me.status == 200
    assert me.document()["email"] == visitor.email

    sent = visitor.send(receiver.url, "by way of PostgreSQL")
    assert sent.status == 202, sent.response.text
    message_id = sent.document()["id"]
    until(
        lambda: visitor.message_state(message_id) == "delivered", within=20, what="the message is delivered"
    )
    assert receiver.texts == {"by way of PostgreSQL"}

    titles = visitor.chapters_of("Two parts", "# One\n\nfirst\n\n# Two\n\nsecond\n")
    assert titles == ("One", "Two")

    rows = asyncio.run(_count(reference.database_url, "hub_messages"))
    assert rows == 1, "the message is not in the PostgreSQL that the scenario started"
    with redis.Redis.from_url(reference.redis_url) as client:
        assert client.dbsize() > 0, "nothing is in the Redis that the scenario started"


def test_readiness_names_both_dependencies_as_up(server: Server) -> None:
    answer = server.readiness()

    assert answer.status == 200
    assert server.dependency("database") == "up"
    assert server.dependency("redis") == "up"


async def _count(url: str, table: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        count = await connection.fetchval(f"SELECT count(*) FROM {table}")
    finally:
        await connection.close()
    assert isinstance(count, int)
    return count
