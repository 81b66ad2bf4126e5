"""Earlier answers in Redis; when Redis does not answer, nothing is remembered and nothing breaks."""

import hashlib
import json
import logging
from dataclasses import asdict

from redis.asyncio import Redis
from redis.exceptions import RedisError

from reference_impl.search.models import Hit, Query, Remembered

_log = logging.getLogger(__name__)


class RedisMemory:
    """A Memory; answers are shared by all processes and kept for `keep_seconds`."""

    def __init__(self, redis: Redis, *, keep_seconds: int) -> None:
        self._redis = redis
        self._keep_seconds = keep_seconds

    async def recall(self, query: Query) -> Remembered | None:
        """Return the last answer to the same question."""
        try:
            kept = await self._redis.get(_key(query))
        except RedisError as error:
            _log.warning("search_memory_unavailable", extra={"error": type(error).__name__})
            return None
        if kept is None:
            return None
        record = json.loads(kept)
        return Remembered(hits=tuple(Hit(**hit) for hit in record["hits"]), at=record["at"])

    async def remember(self, query: Query, remembered: Remembered) -> None:
        """Keep an answer."""
        record = {"hits": [asdict(hit) for hit in remembered.hits], "at": remembered.at}
        try:
            await self._redis.set(_key(query), json.dumps(record), ex=self._keep_seconds)
        except RedisError as error:
            _log.warning("search_memory_unavailable", extra={"error": type(error).__name__})


def _key(query: Query) -> str:
    asked = json.dumps(
        [query.kind.value, query.text.casefold(), query.count, query.offset, query.freshness], sort_keys=True
    )
    return f"search:{hashlib.sha256(asked.encode()).hexdigest()}"
