"""Throttling of logins in Redis: counted before they are evaluated, so that parallel ones count, too.

Three counters of fixed windows: an account from one address, an address over all accounts, and an account
over all addresses that never logged in to it. The last cannot be used to lock an owner out: an address from
which the owner did log in is not in it.
"""

import hashlib

from redis.asyncio import Redis
from redis.exceptions import RedisError

from reference_impl.auth.errors import AuthUnavailable, LoginThrottled
from reference_impl.auth.models import Limits
from reference_impl.kit.clock import Clock

_KNOWN_SECONDS = 30 * 24 * 3600


class RedisThrottle:
    """Fails closed: without its counters nobody logs in."""

    def __init__(self, *, redis: Redis, clock: Clock, limits: Limits) -> None:
        self._redis = redis
        self._clock = clock
        self._limits = limits

    async def attempt(self, account: str, address: str) -> None:
        """Count an attempt; raise LoginThrottled when it is one too many."""
        account, address = _blind(account), _blind(address)
        known = await self._is_known(account, address)
        counters = {f"pair:{account}:{address}": self._limits.per_account_and_address}
        counters[f"address:{address}"] = self._limits.per_address
        if not known:
            counters[f"account:{account}"] = self._limits.per_account
        await self._count(counters)

    async def succeeded(self, account: str, address: str) -> None:
        """Forgive the account's failures from this address, and remember the address as the owner's."""
        account, address = _blind(account), _blind(address)
        window = self._window()
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.delete(_name(window, f"pair:{account}:{address}"))
                pipe.decr(_name(window, f"address:{address}"))
                pipe.expire(_name(window, f"address:{address}"), 2 * self._limits.window_seconds)
                pipe.set(_known(account, address), 1, ex=_KNOWN_SECONDS)
                await pipe.execute()
        except (RedisError, OSError) as error:
            raise AuthUnavailable from error

    async def refresh_attempt(self, address: str) -> None:
        await self._count({f"refresh:{_blind(address)}": self._limits.refreshes_per_address})

    async def _is_known(self, account: str, address: str) -> bool:
        try:
            return bool(await self._redis.exists(_known(account, address)))
        except (RedisError, OSError) as error:
            raise AuthUnavailable from error

    async def _count(self, counters: dict[str, int]) -> None:
        window = self._window()
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                for counter in counters:
                    pipe.incr(_name(window, counter))
                    pipe.expire(_name(window, counter), 2 * self._limits.window_seconds)
                seen = (await pipe.execute())[::2]
        except (RedisError, OSError) as error:
            raise AuthUnavailable from error
        excess = max(count - limit for count, limit in zip(seen, counters.values(), strict=True))
        if excess > 0:
            raise LoginThrottled(self._left(window), is_first=excess == 1)

    def _window(self) -> int:
        return int(self._clock.now().timestamp() // self._limits.window_seconds)

    def _left(self, window: int) -> float:
        return (window + 1) * self._limits.window_seconds - self._clock.now().timestamp()


def _blind(text: str) -> str:
    """Addresses of people and machines are not left lying about in another store."""
    return hashlib.sha256(text.casefold().encode()).hexdigest()[:32]


def _name(window: int, counter: str) -> str:
    return f"auth:throttle:{window}:{counter}"


def _known(account: str, address: str) -> str:
    return f"auth:known:{account}:{address}"
