"""The building blocks where HTTP cannot see them: clock, cursors, retries, redaction, policies, the store."""

import asyncio
import json
import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest
import respx
import sqlalchemy as sa

from reference_impl.kit.clock import ManualClock, SystemClock
from reference_impl.kit.database import Database, Instant
from reference_impl.kit.http import Outbound, RetryPolicy, retry_after_seconds
from reference_impl.kit.ids import new_id
from reference_impl.kit.paging import UnknownCursor, decode_cursor, encode_cursor
from reference_impl.kit.policies import DuplicatePolicy, Policies, UnknownPolicy
from reference_impl.kit.problem import Problem, Unavailable
from reference_impl.kit.telemetry import REDACTED, JsonFormatter, Metrics, TraceContext, redact, set_trace

URL = "https://upstream.example/x"


class Silent:
    def reached(self) -> None: ...

    def triggered(self) -> None: ...


async def test_sleepers_wake_when_the_clock_jumps_past_them() -> None:
    clock = SystemClock()
    sleeper = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0)

    clock.set_offset(4000)
    await asyncio.wait_for(sleeper, 1)

    assert clock.offset_seconds == 4000


async def test_a_manual_clock_moves_only_by_hand_and_by_sleeping() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))

    await clock.sleep(5)
    clock.advance(5)

    assert clock.now() == datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC)
    assert clock.monotonic() == 10


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id("usr") for _ in range(200)]

    assert len(set(ids)) == 200
    assert [each[:14] for each in ids] == sorted(each[:14] for each in ids)
    assert all(len(each) == 30 for each in ids)


def test_a_cursor_gives_back_what_was_put_in() -> None:
    assert decode_cursor(encode_cursor("a", 1, None, 1.5)) == ("a", 1, None, 1.5)


@pytest.mark.parametrize("text", ["", "!!", "bm90IGpzb24", "eyJhIjogMX0", "W1tdXQ", "x" * 5000])
def test_there_is_no_page_under_a_cursor_that_we_did_not_make(text: str) -> None:
    with pytest.raises(UnknownCursor):
        decode_cursor(text)


def test_waits_grow_to_the_cap_and_are_spread_over_the_whole_range() -> None:
    retry = RetryPolicy(base_seconds=1.0, cap_seconds=8.0)
    source = random.Random(7)

    waits = [[retry.delay(attempt, source) for _ in range(500)] for attempt in (1, 2, 10)]

    assert [max(each) < ceiling for each, ceiling in zip(waits, (1, 2, 8), strict=True)] == [True] * 3
    assert all(min(each) < 0.1 for each in waits)


def _outbound(clock: ManualClock) -> Outbound:
    return Outbound(clock=clock, metrics=Metrics(), random=random.Random(1))


@respx.mock
async def test_a_passing_failure_of_a_harmless_call_is_tried_again() -> None:
    respx.get(URL).mock(side_effect=[httpx.Response(503), httpx.ConnectError("down"), httpx.Response(200)])
    outbound = _outbound(ManualClock())

    response = await outbound.request("x", "GET", URL, retry=RetryPolicy(attempts=3))
    await outbound.close()

    assert response.status_code == 200
    assert respx.calls.call_count == 3


@respx.mock
@pytest.mark.parametrize(("method", "status"), [("POST", 503), ("GET", 404), ("GET", 500)])
async def test_what_may_do_harm_or_will_not_pass_is_not_tried_again(method: str, status: int) -> None:
    respx.request(method, URL).mock(return_value=httpx.Response(status))
    outbound = _outbound(ManualClock())

    response = await outbound.request("x", method, URL, retry=RetryPolicy(attempts=3))
    await outbound.close()

    assert response.status_code == status
    assert respx.calls.call_count == 1


@respx.mock
async def test_retry_after_is_obeyed_unless_the_deadline_comes_first() -> None:
    respx.get(URL).mock(return_value=httpx.Response(429, headers={"Retry-After": "7"}))
    clock = ManualClock()
    outbound = _outbound(clock)

    response = await outbound.request("x", "GET", URL, retry=RetryPolicy(attempts=5), deadline_seconds=10)
    await outbound.close()

    assert response.status_code == 429
    assert respx.calls.call_count == 2
    assert clock.monotonic() == pytest.approx(7)


@respx.mock
async def test_the_trace_goes_along_under_a_new_span() -> None:
    route = respx.get(URL).mock(return_value=httpx.Response(200))
    outbound = _outbound(ManualClock())
    trace = TraceContext.new()

    set_trace(trace)
    await outbound.request("x", "GET", URL)
    await outbound.close()

    sent = TraceContext.parse(route.calls[0].request.headers["traceparent"])
    assert sent is not None
    assert sent.trace_id == trace.trace_id
    assert sent.span_id != trace.span_id


def test_retry_after_is_read_in_both_forms() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    assert retry_after_seconds("5", now) == 5
    assert retry_after_seconds("Thu, 01 Jan 2026 00:00:30 GMT", now) == 30
    assert retry_after_seconds("Wed, 31 Dec 2025 00:00:00 GMT", now) == 0
    assert retry_after_seconds("soon", now) is None
    assert retry_after_seconds(None, now) is None


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abc.def",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "$argon2id$v=19$m=19456$abc$def",
        "redis://user:hunter2@host",
    ],
)
def test_secrets_are_taken_out_of_text(secret: str) -> None:
    shown = str(redact(f"before {secret} after"))

    assert secret not in shown
    assert REDACTED in shown
    assert shown.startswith("before ")
    assert "hunter2" not in shown


def test_a_log_record_is_one_line_of_json_without_secrets() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, "line one\nline two", (), None)
    record.password = "hunter2"
    record.nested = {"api_key": "abc", "fine": 1}

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert "hunter2" not in line
    assert json.loads(line)["nested"] == {"api_key": REDACTED, "fine": 1}


def test_a_policy_is_handed_out_as_registered() -> None:
    policies = Policies()
    policies.register("a.b", len)

    assert policies["a.b"] is len
    with pytest.raises(DuplicatePolicy):
        policies.register("a.b", len)
    with pytest.raises(UnknownPolicy):
        policies["a.c"]


def test_a_change_waits_for_all_it_needs_and_is_applied_only_when_taken() -> None:
    policies = Policies()

    def apply(table: Policies, _: object) -> None:
        table.replace("a.one", "new one")
        table.replace("a.two", "new two")

    policies.change("d", apply, Silent())
    policies.register("a.one", "old one")
    before = policies["a.one"]
    policies.register("a.two", "old two")

    assert before == "old one"
    assert not policies.applied("d")
    assert (policies["a.one"], policies["a.two"]) == ("new one", "new two")
    assert policies.applied("d")


def test_changes_of_one_policy_wrap_each_other() -> None:
    policies = Policies()
    wrap: Callable[[str], Callable[..., None]] = lambda mark: (  # noqa: E731 - two of a kind
        lambda table, _: table.replace("a.b", table["a.b"] + mark)
    )
    policies.change("first", wrap("1"), Silent())
    policies.change("second", wrap("2"), Silent())
    policies.register("a.b", "x")

    assert policies["a.b"] == "x12"
    assert policies.applied("first")
    assert policies.applied("second")


def test_extensions_never_replace_standard_members() -> None:
    document = Problem("d", status=999, known=1).document(
        public_url="https://x", instance="/y", request_id="r"
    )

    assert (document["status"], document["known"]) == (500, 1)


async def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.sqlite3'}")
    async with database.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE t (x INTEGER)"))

    async def fail_half_way() -> None:
        async with database.begin() as connection:
            await connection.execute(sa.text("INSERT INTO t VALUES (1)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_half_way()

    async with database.connect() as connection:
        assert (await connection.execute(sa.text("SELECT count(*) FROM t"))).scalar() == 0
        assert (await connection.execute(sa.text("PRAGMA synchronous"))).scalar() == 2
    await database.close()


async def test_writers_queue_up_and_none_is_lost(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'x.sqlite3'}")
    async with database.begin() as connection:
        await connection.execute(sa.text("CREATE TABLE t (x INTEGER)"))
        await connection.execute(sa.text("INSERT INTO t VALUES (0)"))

    async def add() -> None:
        async with database.begin() as connection:
            value = (await connection.execute(sa.text("SELECT x FROM t"))).scalar_one()
            await connection.execute(sa.text("UPDATE t SET x = :x"), {"x": value + 1})

    await asyncio.gather(*(add() for _ in range(30)))

    async with database.connect() as connection:
        assert (await connection.execute(sa.text("SELECT x FROM t"))).scalar_one() == 30
    await database.close()


def test_an_instant_comes_back_aware_and_in_utc() -> None:
    engine = sa.create_engine("sqlite://")
    table = sa.Table("t", sa.MetaData(), sa.Column("at", Instant()))
    table.metadata.create_all(engine)
    moment = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))

    with engine.begin() as connection:
        connection.execute(table.insert().values(at=moment))
        read = connection.execute(sa.select(table.c.at)).scalar_one()
        with pytest.raises(sa.exc.StatementError, match="naive"):
            connection.execute(table.insert().values(at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the mistake under test
    engine.dispose()

    assert read == moment
    assert read.utcoffset() == timedelta(0)


def test_a_problem_that_passes_says_when() -> None:
    assert Unavailable("later", retry_after=0.2).headers["Retry-After"] == "1"
