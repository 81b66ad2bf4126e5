"""Lets bytes through at a rate."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.faults.toxic import Attribute, Chunk, Forward, Stream, Toxic

_SLICE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class _Throttle:
    bytes_per_second: float

    async def shape(self, chunk: Chunk, stream: Stream, forward: Forward) -> None:
        stream.fired()
        step = max(1, int(self.bytes_per_second * _SLICE_SECONDS))
        for start in range(0, len(chunk.data), step):
            piece = chunk.data[start : start + step]
            await stream.sleep(len(piece) / self.bytes_per_second)
            await forward(replace(chunk, data=piece))


def _create(attributes: Mapping[str, float]) -> _Throttle:
    return _Throttle(bytes_per_second=attributes["rate"] * 1024)


TOXIC = Toxic(
    id="bandwidth",
    summary="bytes come at a limited rate",
    create=_create,
    attributes={"rate": Attribute(default=10, unit="KB/s", summary="the rate", least=0.01)},
)
