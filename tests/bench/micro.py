"""What is called often: the closed breaker, redaction, judging; best of several rounds."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator

from harness.core.exchange import Exchange, Request, Response
from harness.core.layer import Layer
from harness.core.operation import Operations
from harness.core.redaction import Redactor
from harness.judges.judging import judge_all
from harness.judges.protocol import Recorded
from reference_impl.breakers.library.breaker import CircuitBreaker
from reference_impl.breakers.library.states import BreakerSettings
from tests.bench.rows import Row

_ROUNDS = 5
_CALLS = 20_000


async def _timed(work: Callable[[], Awaitable[object]], calls: int) -> float:
    """Return the best seconds per call of several rounds."""
    best = float("inf")
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        for _ in range(calls):
            await work()
        best = min(best, (time.perf_counter() - started) / calls)
    return best


async def breaker() -> tuple[str, float, float]:
    """A call through a closed breaker against the same call through a bare wrapper."""
    guard = CircuitBreaker("bench", BreakerSettings(), monotonic=time.monotonic)

    async def upstream() -> int:
        return 1

    async def wrapped() -> int:
        return await upstream()

    return (
        "closed breaker / bare wrapper",
        await _timed(lambda: guard.call(upstream), _CALLS),
        await _timed(wrapped, _CALLS),
    )


def _exchanges(count: int) -> tuple[Exchange, ...]:
    draw = random.Random(1)
    return tuple(
        Exchange(
            id=f"fuzz-{number}",
            layer=Layer.FUZZ,
            request=Request(method="GET", target=f"/items/{number}", headers=(("Accept", "*/*"),)),
            response=Response(
                status=draw.choice((200, 404)),
                headers=(("Content-Type", "application/problem+json"), ("X-Request-ID", "r")),
                body='{"type":"about:blank","title":"t","status":404}',
                body_size=48,
            ),
        )
        for number in range(count)
    )


async def judging() -> tuple[str, float, float]:
    """All judges over 2,000 exchanges against one walk over them."""
    recorded = Recorded(
        exchanges=_exchanges(2000), operations=Operations(()), openapi=None, base_url="http://x"
    )

    async def judged() -> None:
        for _ in judge_all(recorded):
            pass

    async def walked() -> int:
        return sum(len(item.request.target) for item in recorded.exchanges)

    return "all judges / one walk, 2,000 exchanges", await _timed(judged, 1), await _timed(walked, 20)


async def redaction() -> tuple[str, float, float]:
    """Redacting a 4 KiB JSON body against decoding and encoding it."""
    redactor = Redactor(["s3cret-value-of-the-run"], b"key")
    body = (b'{"name":"value","number":123456,"text":"lorem ipsum dolor sit amet"},' * 60)[:4096]

    async def redacted() -> bytes:
        return redactor.bytes(body)

    async def copied() -> bytes:
        return body.decode().encode()

    return "redaction / decode and encode, 4 KiB", await _timed(redacted, 500), await _timed(copied, 500)


async def _measured() -> list[tuple[str, float, float]]:
    return [await benchmark() for benchmark in (breaker, redaction, judging)]


def rows() -> Iterator[Row]:
    """Measure all of them."""
    for name, seconds, yardstick in asyncio.run(_measured()):
        yield Row(name=name, unit="us", ours=seconds * 1e6, yardstick=yardstick * 1e6)
