"""A black hole: bytes vanish, and after a time, if one is given, the connection closes."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.faults.toxic import Attribute, Chunk, Forward, Stream, Toxic

_FOREVER = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class _BlackHole:
    seconds: float

    async def shape(self, chunk: Chunk, stream: Stream, forward: Forward) -> None:  # noqa: ARG002 - the point of it
        stream.fired()

    async def hold_end(self, stream: Stream) -> None:
        # An upstream that closes after its answer would else be heard to do so: a failure, and no silence.
        stream.fired()
        await stream.sleep(_FOREVER)

    async def strike(self, stream: Stream) -> None:
        if self.seconds and await stream.sleep(self.seconds):
            stream.fired()
            stream.close()


def _create(attributes: Mapping[str, float]) -> _BlackHole:
    return _BlackHole(seconds=attributes["timeout"] / 1000)


TOXIC = Toxic(
    id="timeout",
    summary="no byte comes through; what vanished stays lost",
    create=_create,
    attributes={
        "timeout": Attribute(default=0, unit="ms", summary="close the connection after this; 0 = never")
    },
)
