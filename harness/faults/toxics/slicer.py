"""Cuts bytes into small pieces, with a pause after each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.faults.toxic import Attribute, Chunk, Forward, Stream, Toxic


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slices:
    average: int
    variation: int
    delay: float

    async def shape(self, chunk: Chunk, stream: Stream, forward: Forward) -> None:
        stream.fired()
        rest = chunk.data
        while rest:
            stray = round(self.variation * (2 * stream.random() - 1))
            size = max(1, self.average + stray)
            piece, rest = rest[:size], rest[size:]
            await forward(replace(chunk, data=piece))
            await stream.sleep(self.delay)


def _create(attributes: Mapping[str, float]) -> _Slices:
    return _Slices(
        average=int(attributes["average_size"]),
        variation=int(attributes["size_variation"]),
        delay=attributes["delay"] / 1_000_000,
    )


TOXIC = Toxic(
    id="slicer",
    summary="bytes come in small pieces",
    create=_create,
    attributes={
        "average_size": Attribute(default=64, unit="bytes", summary="the size of a piece", least=1),
        "size_variation": Attribute(default=0, unit="bytes", summary="how far a size strays, both ways"),
        "delay": Attribute(default=10_000, unit="us", summary="the pause after each piece"),
    },
)
