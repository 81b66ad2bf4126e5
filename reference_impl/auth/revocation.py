"""Revocations in Redis, so that every process knows at once; SQL is the truth they are rebuilt from."""

import logging
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from reference_impl.auth.errors import AuthUnavailable
from reference_impl.auth.models import RevocationState
from reference_impl.auth.ports import AuthStore
from reference_impl.kit.clock import Clock

_READY = "auth:revocations:ready"
_KEYS_VERSION = "auth:keys:version"
_MARGIN = timedelta(seconds=60)
_log = logging.getLogger(__name__)


class RedisRevocations:
    """Entries live as long as an access token. An empty Redis is filled from SQL before it is believed."""

    def __init__(self, *, redis: Redis, store: AuthStore, clock: Clock, token_lifetime: timedelta) -> None:
        self._redis = redis
        self._store = store
        self._clock = clock
        self._memory = token_lifetime + _MARGIN

    async def deny_family(self, family: str, token_id: str = "") -> None:
        names = [_family(family), *([_token(token_id)] if token_id else [])]
        await self._write(dict.fromkeys(names, 1))

    async def raise_generation(self, user_id: str, generation: int) -> None:
        await self._write({_generation(user_id): generation})

    async def keys_changed(self) -> None:
        try:
            await self._redis.incr(_KEYS_VERSION)
        except (RedisError, OSError) as error:
            raise AuthUnavailable from error

    async def state(self, token_id: str, family: str, user_id: str) -> RevocationState:
        """One round trip; when Redis is away, the durable part of the answer comes from SQL."""
        names = (_READY, _token(token_id), _family(family), _generation(user_id), _KEYS_VERSION)
        try:
            ready, *found = await self._redis.mget(names)
            if ready is None:
                await self._rebuild()
                _, *found = await self._redis.mget(names)
        except (RedisError, OSError):
            return await self._store.revocation_state(family, user_id)
        token_entry, family_entry, generation, version = found
        return RevocationState(
            token_revoked=token_entry is not None,
            family_revoked=family_entry is not None,
            generation=int(generation or 0),
            keys_version=int(version or 0),
        )

    async def _write(self, entries: dict[str, int]) -> None:
        try:
            await self._put(entries)
        except (RedisError, OSError) as error:
            raise AuthUnavailable from error

    async def _put(self, entries: dict[str, int]) -> None:
        seconds = int(self._memory.total_seconds())
        async with self._redis.pipeline(transaction=True) as pipe:
            for name, value in entries.items():
                pipe.set(name, value, ex=seconds)
            await pipe.execute()

    async def _rebuild(self) -> None:
        """Bring back what a Redis that lost its memory has to know."""
        families, users = await self._store.revoked_since(self._clock.now() - self._memory)
        entries = dict.fromkeys((_family(family) for family in families), 1)
        entries |= {_generation(user.id): user.generation for user in users}
        await self._put(entries)
        await self._redis.set(_READY, 1)
        _log.info("revocations rebuilt", extra={"entries": len(entries)})


def _token(token_id: str) -> str:
    return f"auth:deny:token:{token_id}"


def _family(family: str) -> str:
    return f"auth:deny:family:{family}"


def _generation(user_id: str) -> str:
    return f"auth:generation:{user_id}"
