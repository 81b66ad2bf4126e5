"""What search needs from outside, and its own decisions."""

from collections.abc import Callable
from typing import Protocol

from reference_impl.kit.http import Guard
from reference_impl.search.errors import UpstreamFailed
from reference_impl.search.models import Answer, Hit, Query, Remembered

Guards = Callable[[str], Guard]
"""The breaker that stands around one upstream."""


class Upstream(Protocol):
    """A search engine."""

    async def find(self, query: Query) -> tuple[Hit, ...]:
        """Ask; raises UpstreamFailed."""
        ...


class Memory(Protocol):
    """Earlier answers. Forgetting is allowed, failing is not."""

    async def recall(self, query: Query) -> Remembered | None: ...

    async def remember(self, query: Query, remembered: Remembered) -> None: ...


class Fallback(Protocol):
    """Decides what to answer when the upstream could not; may raise a Problem instead."""

    def __call__(
        self, query: Query, failure: UpstreamFailed, remembered: Remembered | None, *, now: float
    ) -> Answer: ...
