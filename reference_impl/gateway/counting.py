"""Counting in Redis: one atomic script, and one call for all requests that wait at the same time."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from reference_impl.kit.clock import Clock

_MOST_AT_ONCE = 128

# ARGV: now, then per request the number of its rules, and quota and window of each; KEYS: one per rule.
# A window starts with its first request. Either every rule has room and all count the request, or none does.
# A request may arrive with an older time than the window's start (another process was quicker); it still
# belongs to that window. The answer holds per request: refused, then per rule what is left and the reset.
_TAKE = """
local now = tonumber(ARGV[1])
local out, arg, key = {}, 2, 0
while ARGV[arg] do
  local rules, refused, states = tonumber(ARGV[arg]), 0, {}
  for i = 1, rules do
    local name, quota, window = KEYS[key + i], tonumber(ARGV[arg + 2 * i - 1]), tonumber(ARGV[arg + 2 * i])
    local held = redis.call('HMGET', name, 's', 'n')
    local start, used = tonumber(held[1]), tonumber(held[2])
    if not start or now >= start + window then start, used = now, 0 end
    if used >= quota then refused = 1 end
    states[i] = {name, start, used, quota, window}
  end
  out[#out + 1] = tostring(refused)
  for i = 1, rules do
    local name, start, used, quota, window = unpack(states[i])
    if refused == 0 then
      used = used + 1
      redis.call('HSET', name, 's', string.format('%.3f', start), 'n', used)
      redis.call('PEXPIRE', name, math.ceil(window * 1000))
    end
    out[#out + 1] = tostring(quota - used)
    out[#out + 1] = string.format('%.3f', start + window - now)
  end
  arg, key = arg + 1 + 2 * rules, key + rules
end
return out
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """So many requests in so many seconds."""

    name: str
    quota: int
    window_seconds: int = 60

    def scaled(self, factor: float) -> "Rule":
        return Rule(
            name=self.name, quota=max(1, round(self.quota * factor)), window_seconds=self.window_seconds
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is left of one rule."""

    rule: Rule
    left: int
    reset_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Whether a request was counted or refused, and how its budgets stand now."""

    refused: bool
    budgets: tuple[Budget, ...]


Charges = Sequence[tuple[Rule, str]]


class Counting(Protocol):
    """Takes one request from all its budgets, or from none when one of them is spent."""

    async def take(self, charges: Charges) -> Taken: ...


@dataclass(slots=True, kw_only=True)
class _Waiting:
    charges: Charges
    answer: asyncio.Future[Taken]


class Counter:
    """Takes from budgets. While one call is under way, newcomers gather for the next."""

    def __init__(self, *, redis: Redis, clock: Clock) -> None:
        self._script = redis.register_script(_TAKE)
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    async def take(self, charges: Charges) -> Taken:
        """Count one request against all its budgets or none; raises what Redis raises."""
        waiting = _Waiting(charges=charges, answer=asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await waiting.answer

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            try:
                results = await self._call(batch)
            except (RedisError, OSError) as error:
                for each in batch:
                    if not each.answer.done():
                        each.answer.set_exception(error)
                continue
            for each, taken in zip(batch, results, strict=True):
                if not each.answer.done():
                    each.answer.set_result(taken)

    async def _call(self, batch: Sequence[_Waiting]) -> list[Taken]:
        keys: list[str] = []
        arguments = [f"{self._clock.now().timestamp():.3f}"]
        for each in batch:
            arguments.append(str(len(each.charges)))
            for rule, owner in each.charges:
                keys.append(f"rate:{rule.name}:{sha256(owner.encode()).hexdigest()[:24]}")
                arguments += [str(rule.quota), str(rule.window_seconds)]
        answers = iter(await self._script(keys=keys, args=arguments))
        return [_taken(each.charges, answers) for each in batch]


def _taken(charges: Charges, answers: Iterator[bytes]) -> Taken:
    refused = next(answers) == b"1"
    budgets = tuple(
        Budget(rule=rule, left=max(0, int(float(next(answers)))), reset_seconds=float(next(answers)))
        for rule, _ in charges
    )
    return Taken(refused=refused, budgets=budgets)
