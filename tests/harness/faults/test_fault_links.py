"""Links relay faithfully while nothing is injected; a toxic is felt at once, counted, and healed at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from harness.core.errors import HarnessFault, UsageProblem
from harness.core.relay import Direction
from harness.faults.link import Link
from harness.faults.registry import discover, injection_of, toxics
from harness.faults.toxic import Injection

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write(b"<eof>")
    writer.close()


@asynccontextmanager
async def linked(conversation: Conversation = echo) -> AsyncIterator[Link]:
    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await conversation(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    link = Link("brave", server.sockets[0].getsockname()[:2], seed=7)
    await link.start()
    try:
        yield link
    finally:
        await link.stop()
        server.close()


@asynccontextmanager
async def connected(link: Link) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> bytes:
    writer.write(data)
    return await asyncio.wait_for(reader.readexactly(len(data)), 5)


async def test_bytes_pass_untouched_in_both_directions() -> None:
    data = bytes(range(256)) * 4096

    async with linked() as link, connected(link) as (reader, writer):
        assert await asked(reader, writer, data) == data

        counters = link.counters()
        assert counters["bytes_upstream"] == counters["bytes_downstream"] == len(data)
        assert counters["connections"] == 1
        assert counters["fired"] == 0


async def test_a_half_closed_connection_still_hears_the_answer() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        writer.write(b"last words")
        writer.write_eof()

        assert await asyncio.wait_for(reader.read(), 5) == b"last words<eof>"


async def test_bytes_sent_before_the_upstream_is_dialled_are_kept() -> None:
    async with linked() as link:
        for _ in range(20):
            async with connected(link) as (reader, writer):
                assert await asked(reader, writer, b"early") == b"early"


async def test_an_upstream_that_is_not_there_resets_the_client() -> None:
    link = Link("gone", ("127.0.0.1", 9))
    await link.start()
    try:
        async with connected(link) as (reader, _writer):
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(reader.read(), 5)
        assert link.counters()["refused_by_upstream"] == 1
    finally:
        await link.stop()


async def test_latency_delays_and_is_counted_and_heals_at_once() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        await asked(reader, writer, b"warm")
        link.inject(Injection(type="latency", attributes={"latency": 150}))
        started = time.monotonic()
        await asked(reader, writer, b"slow")
        assert time.monotonic() - started >= 0.14
        assert link.counters()["fired"] == 1

        link.heal()
        link.inject(Injection(type="latency", attributes={"latency": 60_000}))
        writer.write(b"stuck")
        await asyncio.sleep(0.05)
        link.heal()
        assert await asyncio.wait_for(reader.readexactly(5), 5) == b"stuck"
        assert link.counters()["toxics"] == []


async def test_latency_delays_a_burst_once_and_keeps_its_order() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        link.inject(Injection(type="latency", attributes={"latency": 500}))
        started = time.monotonic()
        for number in range(10):
            writer.write(f"{number};".encode())
            await asyncio.sleep(0)

        assert await asyncio.wait_for(reader.readexactly(20), 5) == b"0;1;2;3;4;5;6;7;8;9;"
        assert time.monotonic() - started < 2.5, "ten times half a second would be five"


async def test_down_drops_open_connections_and_dials_nobody_for_new_ones() -> None:
    reached = 0

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal reached
        reached += 1
        await echo(reader, writer)

    async with linked(counting) as link:
        async with connected(link) as (reader, writer):
            await asked(reader, writer, b"x")
            link.inject(Injection(type="down"))
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(reader.read(), 5)
        async with connected(link) as (reader, _writer):
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(reader.read(), 5)
        assert reached == 1
        assert link.counters()["fired"] == 2

        link.heal()
        async with connected(link) as (reader, writer):
            assert await asked(reader, writer, b"back") == b"back"


async def test_a_black_hole_swallows_answers_until_healed() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        link.inject(Injection(type="timeout"))
        writer.write(b"lost")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)

        link.heal()
        assert await asked(reader, writer, b"heard") == b"heard"
        assert link.counters()["fired"] == 1


async def test_an_upstream_that_closes_after_its_answer_is_silent_in_a_black_hole_too() -> None:
    async def answer_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"an answer")
        writer.close()

    async with linked(answer_and_close) as link, connected(link) as (reader, writer):
        link.inject(Injection(type="timeout"))
        writer.write(b"a question")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)

        link.heal()
        assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_a_black_hole_with_a_limit_closes_the_connection() -> None:
    async with linked() as link, connected(link) as (reader, _writer):
        link.inject(Injection(type="timeout", attributes={"timeout": 30}))

        assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_a_reset_comes_after_its_time() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        link.inject(Injection(type="reset", attributes={"timeout": 30}))
        assert await asked(reader, writer, b"still up") == b"still up"

        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 5)


async def test_a_limit_cuts_the_answer() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        link.inject(Injection(type="limit", attributes={"bytes": 5}))
        writer.write(b"0123456789")

        assert await asyncio.wait_for(reader.read(), 5) == b"01234"
        assert link.counters()["fired"] == 1


async def test_a_slicer_gives_small_pieces_of_the_same_bytes() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        link.inject(
            Injection(type="slicer", attributes={"average_size": 3, "size_variation": 1, "delay": 3000})
        )
        writer.write(b"0123456789")

        assert len(await asyncio.wait_for(reader.read(100), 5)) <= 4
        rest = await asyncio.wait_for(reader.readexactly(6), 5)
        assert b"0123456789".endswith(rest) or rest in b"0123456789"


async def test_bandwidth_holds_the_rate() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        link.inject(Injection(type="bandwidth", attributes={"rate": 20}))
        started = time.monotonic()

        await asked(reader, writer, b"x" * 5120)

        assert time.monotonic() - started >= 0.2


async def test_toxics_stack_in_the_order_in_which_they_came() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        link.inject(Injection(type="latency", attributes={"latency": 80}))
        link.inject(Injection(type="limit", attributes={"bytes": 4}))
        started = time.monotonic()
        writer.write(b"0123456789")

        assert await asyncio.wait_for(reader.read(), 5) == b"0123"
        assert time.monotonic() - started >= 0.07


async def test_toxicity_spares_its_share_of_connections_the_same_ones_for_the_same_seed() -> None:
    async def spared() -> list[bool]:
        async with linked() as link:
            link.inject(Injection(type="down", toxicity=0.5))
            heard = []
            for _ in range(12):
                async with connected(link) as (reader, writer):
                    try:
                        heard.append(await asked(reader, writer, b"x") == b"x")
                    except (ConnectionError, asyncio.IncompleteReadError):
                        heard.append(False)
            return heard

    first = await spared()

    assert {True, False} == set(first)
    assert await spared() == first


async def test_fired_starts_anew_when_a_toxic_comes_to_a_clean_link() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        link.inject(Injection(type="latency", attributes={"latency": 1}))
        await asked(reader, writer, b"x")
        link.heal()
        assert link.counters()["fired"] == 1

        link.inject(Injection(type="latency", attributes={"latency": 1}))

        assert link.counters()["fired"] == 0
        assert link.counters()["fired_in_all"] == 1


async def test_an_upstream_toxic_acts_on_requests() -> None:
    async with linked() as link, connected(link) as (reader, writer):
        link.inject(Injection(type="timeout", directions=(Direction.UPSTREAM,)))
        writer.write(b"never arrives")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)

        assert link.counters()["bytes_downstream"] == 0


async def test_a_slow_reader_slows_the_writer() -> None:
    written = 0

    async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        for _ in range(2000):
            writer.write(b"x" * 65536)
            await writer.drain()
            written += 65536

    async with linked(flood) as link, connected(link) as (_reader, _writer):
        for _ in range(50):
            await asyncio.sleep(0.01)

        assert written < 2000 * 65536 / 2


def test_all_seven_toxics_are_found_and_say_what_they_take() -> None:
    assert set(toxics()) == {"latency", "reset", "timeout", "down", "bandwidth", "slicer", "limit"}
    for toxic in toxics().values():
        assert toxic.summary
        assert all(attribute.unit and attribute.summary for attribute in toxic.attributes.values())


def test_two_toxics_of_one_name_are_refused() -> None:
    with pytest.raises(HarnessFault, match="two toxics"):
        discover([toxics()["down"], toxics()["down"]])


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"type": "latancy"}, "Did you mean 'latency'"),
        ({"type": "latency", "attributes": {"seconds": 1}}, "no attribute 'seconds'"),
        ({"type": "latency", "attributes": {"latency": -1}}, "at least 0"),
        ({"type": "latency", "attributes": {"latency": "1"}}, "table of numbers"),
        ({"type": "down", "toxicity": 2}, "share of connections"),
        ({"type": "down", "stream": "sideways"}, "upstream, downstream or both"),
        ({"type": "down", "when": 1}, "no 'when'"),
    ],
)
async def test_what_is_asked_wrongly_is_refused_by_name(record: dict[str, object], message: str) -> None:
    link = Link("x", ("127.0.0.1", 9))

    with pytest.raises(UsageProblem) as problem:
        link.inject(injection_of(record))

    assert message in str(problem.value)
