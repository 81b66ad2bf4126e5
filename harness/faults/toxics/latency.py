"""Delays every byte; bytes that wait together are delayed once."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.faults.toxic import Attribute, Chunk, Forward, Stream, Toxic


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delay:
    seconds: float
    jitter: float

    async def shape(self, chunk: Chunk, stream: Stream, forward: Forward) -> None:
        delay = self.seconds + self.jitter * (2 * stream.random() - 1)
        stream.fired()
        await stream.sleep(chunk.arrived + delay - stream.now())
        await forward(chunk)


def _create(attributes: Mapping[str, float]) -> _Delay:
    return _Delay(seconds=attributes["latency"] / 1000, jitter=attributes["jitter"] / 1000)


TOXIC = Toxic(
    id="latency",
    summary="every byte comes later",
    create=_create,
    attributes={
        "latency": Attribute(default=1000, unit="ms", summary="how much later"),
        "jitter": Attribute(default=0, unit="ms", summary="how far the delay strays, both ways"),
    },
)
