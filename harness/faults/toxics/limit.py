"""Lets a number of bytes through, then closes: an answer cut in the middle."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.faults.toxic import Attribute, Chunk, Forward, Stream, Toxic


@dataclass(slots=True, kw_only=True)
class _Allowance:
    left: int

    async def shape(self, chunk: Chunk, stream: Stream, forward: Forward) -> None:
        if len(chunk.data) <= self.left:
            self.left -= len(chunk.data)
            await forward(chunk)
            return
        stream.fired()
        if self.left:
            await forward(replace(chunk, data=chunk.data[: self.left]))
        self.left = 0
        stream.close()


def _create(attributes: Mapping[str, float]) -> _Allowance:
    return _Allowance(left=int(attributes["bytes"]))


TOXIC = Toxic(
    id="limit",
    summary="the connection closes after a number of bytes",
    create=_create,
    attributes={"bytes": Attribute(default=64, unit="bytes", summary="how many go through")},
)
