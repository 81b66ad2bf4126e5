"""Nothing answers: open connections are dropped, new ones are reset before the upstream is dialled.

The port stays open, because a refusal by the kernel could not be counted and so not be proved.
"""

from collections.abc import Mapping

from harness.faults.toxic import Stream, Toxic


class _Down:
    async def strike(self, stream: Stream) -> None:
        stream.fired()
        stream.reset()


def _create(_attributes: Mapping[str, float]) -> _Down:
    return _Down()


TOXIC = Toxic(id="down", summary="the upstream is gone", create=_create)
