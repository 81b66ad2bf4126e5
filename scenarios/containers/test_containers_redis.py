"""Redis frozen, killed and brought back under a serving reference."""

from scenarios.containers.answers import assert_contained, assert_recovers, assert_steady, calls_of
from scenarios.containers.polling import until
from scenarios.containers.receiver import Receiver
from scenarios.containers.reference import Server, Visitor
from scenarios.containers.services import Service

_BOUND_SECONDS = 5.0
_RECOVERY_SECONDS = 20.0


def test_frozen_redis_leaves_every_call_bounded_and_recovers(
    server: Server, cache: Service, receiver: Receiver
) -> None:
    visitor = Visitor.registered(server).signed_in()
    calls = calls_of(visitor, receiver)
    assert_steady(calls)

    with cache.paused():
        until(lambda: server.dependency("redis") == "down", within=10, what="readiness names Redis")
        assert server.readiness().status == 200, "without Redis the process can still serve"
        for name, call in calls:
            assert_contained(name, call(), within=_BOUND_SECONDS)

    until(lambda: server.dependency("redis") == "up", within=_RECOVERY_SECONDS, what="Redis is seen again")
    assert_recovers(calls, within=_RECOVERY_SECONDS)


def test_killed_redis_is_contained_and_recovers_without_restart(
    server: Server, cache: Service, receiver: Receiver
) -> None:
    visitor = Visitor.registered(server).signed_in()
    calls = calls_of(visitor, receiver)
    assert_steady(calls)

    with cache.killed():
        until(lambda: server.dependency("redis") == "down", within=10, what="readiness names Redis")
        for name, call in calls:
            assert_contained(name, call(), within=_BOUND_SECONDS)

    until(lambda: server.dependency("redis") == "up", within=_RECOVERY_SECONDS, what="Redis is seen again")
    assert_recovers(calls, within=_RECOVERY_SECONDS)
    assert server.child.is_running, "the server was not the same process all the time"


def test_revoked_token_stays_revoked_over_a_kill_of_redis(server: Server, cache: Service) -> None:
    visitor = Visitor.registered(server).signed_in()
    assert visitor.ask("POST", "/auth/logout").status == 204

    with cache.killed():
        refused = visitor.ask("GET", "/auth/me")
        assert refused.status in {401, 503}, refused.response.text

    until(lambda: server.dependency("redis") == "up", within=_RECOVERY_SECONDS, what="Redis is seen again")
    assert visitor.ask("GET", "/auth/me").status == 401
