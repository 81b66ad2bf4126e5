"""A command that Redis did not answer in time is sent again and again."""

from typing import Any

from redis.exceptions import TimeoutError as RedisTimeoutError

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.redis_commands import Execute, commands_sent
from reference_impl.kit.policies import Probe

_MORE = 20


class _AgainAndAgain:
    """Gives Redis the same time once more for every time it took too long."""

    def __init__(self, right: Execute, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, *command: Any, **options: Any) -> Any:
        self._probe.reached()
        for _ in range(_MORE):
            try:
                return await self._right(*command, **options)
            except RedisTimeoutError:
                self._probe.triggered()
        return await self._right(*command, **options)


class _Once:
    """The twin: sends it once."""

    def __init__(self, right: Execute, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, *command: Any, **options: Any) -> Any:
        self._probe.reached()
        return await self._right(*command, **options)


DEFECT = Defect(
    id="redis-waited-for-again",
    family="resilience",
    title="A command that Redis did not answer in time is sent again, twenty times.",
    breaks=("redis.slow-bounded",),
    apply=commands_sent(_AgainAndAgain),
    twin=commands_sent(_Once),
)
