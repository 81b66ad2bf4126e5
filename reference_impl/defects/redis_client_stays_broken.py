"""After one lost connection the client of Redis is taken for broken for good."""

from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.redis_commands import Execute, commands_sent
from reference_impl.kit.policies import Probe


class _NeverAgain:
    """Sends commands until one fails, and none after it; wrong where Redis would have answered."""

    def __init__(self, right: Execute, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._is_broken = False

    async def __call__(self, *command: Any, **options: Any) -> Any:
        if self._is_broken:
            self._probe.triggered()
            raise RedisConnectionError("the connection was lost")
        self._probe.reached()
        try:
            return await self._right(*command, **options)
        except (RedisConnectionError, OSError):
            self._is_broken = True
            raise


class _OnceMore:
    """The twin: sends a command whose connection was lost once more."""

    def __init__(self, right: Execute, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, *command: Any, **options: Any) -> Any:
        self._probe.reached()
        try:
            return await self._right(*command, **options)
        except RedisConnectionError:
            return await self._right(*command, **options)


DEFECT = Defect(
    id="redis-client-stays-broken",
    family="resilience",
    title="After one lost connection the client of Redis is taken for broken for good.",
    breaks=("redis.recovers-after-outage",),
    apply=commands_sent(_NeverAgain),
    twin=commands_sent(_OnceMore),
)
