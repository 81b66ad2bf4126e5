"""The decisions of search: what to answer without the upstream, and how old an earlier answer may be."""

from collections.abc import Callable
from dataclasses import dataclass

from reference_impl.search.errors import UpstreamFailed
from reference_impl.search.models import Answer, Query, Remembered, Source

OLDEST_SECONDS = 24 * 3600.0
_DEFAULT_WAIT = 1.0
_LONGEST_WAIT = 3600.0


def quiet_seconds(asked: float | None) -> float:
    """How long the upstream is left alone after a 429: as long as it asks for, within an hour."""
    return min(_LONGEST_WAIT, _DEFAULT_WAIT if asked is None else asked)


def may_serve(age_seconds: float) -> bool:
    """An earlier answer is served for a day at most."""
    return age_seconds <= OLDEST_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Degrade:
    """An earlier answer when it is young enough, else an empty one that says why."""

    may_serve: Callable[[float], bool]

    def __call__(
        self, query: Query, failure: UpstreamFailed, remembered: Remembered | None, *, now: float
    ) -> Answer:
        if remembered is not None:
            age = max(0.0, now - remembered.at)
            if self.may_serve(age):
                return Answer(
                    query=query,
                    hits=remembered.hits,
                    source=Source.STALE_CACHE,
                    reason=failure.reason,
                    age_seconds=int(age),
                )
        return Answer(query=query, hits=(), source=Source.DEGRADED, reason=failure.reason)
