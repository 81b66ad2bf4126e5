"""Asks every dependency how it is; degraded is not dead."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from reference_impl.kit.clock import Clock
from reference_impl.kit.composition import ReadinessCheck
from reference_impl.kit.problem import Problem
from reference_impl.kit.telemetry import Metrics
from reference_impl.ops.models import Condition, Dependency, Readiness, Report

_ANSWER_SECONDS = 1.5
_FRESH_SECONDS = 0.5
Level = Callable[[Condition], int]
Verdict = Callable[[Sequence[Dependency]], Readiness]


def honest(dependencies: Sequence[Dependency]) -> Readiness:
    """Unavailable without a required dependency, degraded without any other."""
    down = [each for each in dependencies if each.condition is Condition.DOWN]
    if any(each.required for each in down):
        return Readiness.UNAVAILABLE
    return Readiness.DEGRADED if down else Readiness.READY


def up_is_one(condition: Condition) -> int:
    """What the metric shows of a dependency."""
    return int(condition is Condition.UP)


class HealthService:
    """Runs the checks side by side, at most twice a second however often it is asked."""

    def __init__(
        self,
        *,
        checks: Mapping[str, ReadinessCheck],
        required: frozenset[str],
        clock: Clock,
        metrics: Metrics,
        verdict: Verdict,
        level: Level = up_is_one,
    ) -> None:
        self._checks = dict(checks)
        self._required = required
        self._clock = clock
        self._verdict = verdict
        self._level = level
        self._up = metrics.gauge("dependency_up", "1 when the dependency answers.", ("dependency",))
        self._report: Report | None = None
        self._asked_at = 0.0
        self._asking = asyncio.Lock()

    async def report(self) -> Report:
        async with self._asking:
            now = self._clock.monotonic()
            if self._report is None or now - self._asked_at >= _FRESH_SECONDS:
                self._report = await self._ask()
                self._asked_at = now
            return self._report

    async def watch(self) -> None:
        """Keep the metric true while nobody asks."""
        while True:
            await self.report()
            await self._clock.sleep(2.0)

    async def _ask(self) -> Report:
        found = await asyncio.gather(*(self._check(name, check) for name, check in self._checks.items()))
        for dependency in found:
            self._up.labels(dependency.name).set(self._level(dependency.condition))
        return Report(readiness=self._verdict(found), dependencies=tuple(found))

    async def _check(self, name: str, check: ReadinessCheck) -> Dependency:
        started = self._clock.monotonic()
        reason = await _reason(check)
        return Dependency(
            name=name,
            condition=Condition.DOWN if reason else Condition.UP,
            required=name in self._required,
            milliseconds=round((self._clock.monotonic() - started) * 1000, 2),
            reason=reason,
        )


async def _reason(check: ReadinessCheck) -> str | None:
    """Why the dependency does not serve, in words that give nothing of its address away."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await check()
    except TimeoutError:
        return "no answer in time"
    except Problem as problem:
        return problem.detail
    except Exception as error:  # noqa: BLE001 - whatever a driver raises means that it is down
        return f"not usable ({type(error).__name__})"
    return None
