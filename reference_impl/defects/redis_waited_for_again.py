"""A command that Redis did not answer in time is sent again and again."""

from collections.abc import Awaitable, Callable
from typing import Any

from redis.exceptions import TimeoutError as RedisTimeoutError

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_Execute = Callable[..., Awaitable[Any]]
_MORE = 20


class _AgainAndAgain:
    """Gives Redis the same time once more for every time it took too long."""

    def __init__(self, right: _Execute, probe: Probe) -> None:
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

    def __init__(self, right: _Execute, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    async def __call__(self, *command: Any, **options: Any) -> Any:
        self._probe.reached()
        return await self._right(*command, **options)


def _with(policies: PolicyTable, execute: _Execute) -> None:
    client = policies["redis.client"]
    client.execute_command = execute
    policies.replace("redis.client", client)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    _with(policies, _AgainAndAgain(policies["redis.client"].execute_command, probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    _with(policies, _Once(policies["redis.client"].execute_command, probe))


DEFECT = Defect(
    id="redis-waited-for-again",
    family="resilience",
    title="A command that Redis did not answer in time is sent again, twenty times.",
    breaks=("redis.slow-bounded",),
    apply=_apply,
    twin=_twin,
)
