"""Resets the connection (RST), at once or after a time."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.faults.toxic import Attribute, Stream, Toxic


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reset:
    seconds: float

    async def strike(self, stream: Stream) -> None:
        if self.seconds and not await stream.sleep(self.seconds):
            return
        stream.fired()
        stream.reset()


def _create(attributes: Mapping[str, float]) -> _Reset:
    return _Reset(seconds=attributes["timeout"] / 1000)


TOXIC = Toxic(
    id="reset",
    summary="open and new connections are reset",
    create=_create,
    attributes={"timeout": Attribute(default=0, unit="ms", summary="how long a connection lives before it")},
)
