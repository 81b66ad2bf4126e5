"""Before a deployment the recorder lets out what may go, at the agreed pace, and bounds what comes back."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.allowance import Allowance
from harness.core.clock import SystemClock
from harness.evidence import guarded
from harness.evidence.gate import Policy
from harness.evidence.guarded import Guard
from tests.harness.evidence.staging import Answer, Stage, get, ok, staged

READ_ONLY = Policy(graphql=("/graphql",))


@asynccontextmanager
async def guarded_stage(
    tmp_path: Path,
    answer: bytes | Answer,
    *,
    requests: int = 0,
    per_second: float = 0.0,
    policy: Policy = READ_ONLY,
) -> AsyncIterator[Stage]:
    allowance = Allowance(tmp_path / "allowance", requests=requests, per_second=per_second)
    guard = Guard(policy, allowance, SystemClock())
    async with staged(tmp_path, answer, guard=guard) as stage:
        try:
            yield stage
        finally:
            await stage.stop()


async def test_a_read_goes_untouched_and_is_recorded(tmp_path: Path) -> None:
    async with guarded_stage(tmp_path, ok()) as stage:
        assert await stage.say(get("/items")) == ok()
        (exchange,) = await stage.exchanges()

    assert stage.heard == [get("/items")]
    assert (exchange.gap, exchange.response and exchange.response.status) == ("", 200)


async def test_a_write_without_consent_never_arrives_and_is_recorded_as_not_sent(tmp_path: Path) -> None:
    async with guarded_stage(tmp_path, ok()) as stage:
        assert await stage.say(get("/items", "Content-Length: 2", method="POST") + b"{}") == b""
        (exchange,) = await stage.exchanges()

    assert stage.heard == []
    assert exchange.gap == "not-sent"
    assert exchange.notes["not-sent"] == "no-consent-writes"
    assert exchange.request.target == "/items"


async def test_a_graphql_query_whose_body_comes_late_goes(tmp_path: Path) -> None:
    body = b'{"query": "{ a }"}'
    head = get("/graphql", f"Content-Length: {len(body)}", method="POST")

    async with guarded_stage(tmp_path, ok()) as stage:
        assert await stage.say(head, body[:5], body[5:]) == ok()

    assert b"".join(stage.heard) == head + body


async def test_several_requests_on_one_connection_all_go(tmp_path: Path) -> None:
    async with guarded_stage(tmp_path, ok()) as stage:
        assert await stage.say(get("/a"), get("/b"), get("/c")) == ok() * 3
        exchanges = await stage.exchanges()

    assert [item.request.target for item in exchanges] == ["/a", "/b", "/c"]


async def test_a_write_behind_a_read_on_the_same_connection_is_stopped(tmp_path: Path) -> None:
    async with guarded_stage(tmp_path, ok()) as stage:
        await stage.say(get("/a"), get("/b", method="DELETE"))

    assert stage.heard == [get("/a")]


async def test_requests_keep_the_pace(tmp_path: Path) -> None:
    async with guarded_stage(tmp_path, ok(), per_second=20) as stage:
        began = time.monotonic()
        await stage.say(get("/a"))
        await stage.say(get("/b"))
        await stage.say(get("/c"))
        took = time.monotonic() - began

    assert took >= 0.1


async def test_the_wait_for_the_pace_is_not_counted_as_the_targets(tmp_path: Path) -> None:
    async with guarded_stage(tmp_path, ok(), per_second=1) as stage:
        await stage.say(get("/a"))
        await stage.say(get("/b"))
        exchanges = await stage.exchanges()

    assert all(item.response and item.response.elapsed < 0.8 for item in exchanges)


async def test_a_spent_budget_sends_nothing_more(tmp_path: Path) -> None:
    async with guarded_stage(tmp_path, ok(), requests=2) as stage:
        for path in ("/a", "/b", "/c"):
            await stage.say(get(path))
        exchanges = await stage.exchanges()

    assert len(stage.heard) == 2
    assert [item.notes.get("not-sent") for item in exchanges] == [None, None, "budget-spent"]


async def test_a_long_retry_after_stops_what_would_follow(tmp_path: Path) -> None:
    busy = ok(b"", "Retry-After: 600", status="429 Too Many Requests")
    async with guarded_stage(tmp_path, busy) as stage:
        await stage.say(get("/a"))
        await stage.say(get("/a"))
        exchanges = await stage.exchanges()

    assert stage.heard == [get("/a")]
    assert exchanges[-1].notes["not-sent"] == "backing-off"


async def test_a_short_retry_after_is_waited_for(tmp_path: Path) -> None:
    busy = ok(b"", "Retry-After: 1", status="429 Too Many Requests")
    async with guarded_stage(tmp_path, busy) as stage:
        await stage.say(get("/a"))
        began = time.monotonic()
        assert await stage.say(get("/a")) == busy

    assert time.monotonic() - began >= 0.9


async def test_a_bomb_is_cut_before_a_client_inflates_it(tmp_path: Path) -> None:
    bomb = gzip.compress(b"\0" * (guarded.MOST_INFLATED + (1 << 20)))
    async with guarded_stage(tmp_path, ok(bomb, "Content-Encoding: gzip")) as stage:
        answer = await stage.say(get("/bomb"))
        (exchange,) = await stage.exchanges()

    assert exchange.gap == "answer-inflates-too-much"
    assert len(answer) < len(bomb)


async def test_an_answer_longer_than_any_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "MOST_WIRE", 100_000)
    async with guarded_stage(tmp_path, ok(b"x" * 3_000_000)) as stage:
        answer = await stage.say(get("/long"))
        (exchange,) = await stage.exchanges()

    assert exchange.gap == "answer-too-long"
    assert len(answer) < 3_000_000


async def test_an_answer_without_an_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "LONGEST_ANSWER", 0.2)
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    async with guarded_stage(tmp_path, endless) as stage:
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await stage.say(get("/endless"), until=b"the end")
        (exchange,) = await stage.exchanges()

    assert exchange.gap == "answer-endless"


async def test_writes_go_with_consent(tmp_path: Path) -> None:
    request = get("/items", "Transfer-Encoding: chunked", method="POST") + b"2\r\n{}\r\n0\r\n\r\n"
    async with guarded_stage(tmp_path, ok(), policy=replace(READ_ONLY, may_write=True)) as stage:
        assert await stage.say(request) == ok()

    assert stage.heard == [request]
