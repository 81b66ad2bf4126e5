"""What a harness may tell a target that it launched: provider states, the clock, the seeded defects."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from sqlalchemy.exc import SQLAlchemyError

from reference_impl.defects import Seeded
from reference_impl.kit.clock import Clock, SystemClock
from reference_impl.kit.composition import StateHandler
from reference_impl.kit.policies import Policies
from reference_impl.kit.problem import Problem
from reference_impl.ops.errors import NoSuchState
from reference_impl.ops.models import ClockState, DefectState
from reference_impl.ops.store import ControlStore

CONTRACT = "1"
_OFFSET = "clock.offset"
_SYNC_SECONDS = 0.1
_log = logging.getLogger(__name__)


class ControlService:
    """Acts for the harness; exists only with CORE_CONTROL=on."""

    def __init__(
        self,
        *,
        store: ControlStore,
        clock: Clock,
        policies: Policies,
        seeded: Sequence[Seeded],
        states: Mapping[str, StateHandler],
    ) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._seeded = tuple(seeded)
        self._states = dict(states)
        self._publishing = asyncio.Lock()

    def states(self) -> tuple[str, ...]:
        return tuple(sorted(self._states))

    async def enter(self, state: str, params: Mapping[str, object]) -> Mapping[str, object]:
        return await self._handler(state)(params)

    async def leave(self, state: str) -> Mapping[str, object]:
        """States only add data under fresh identities, so leaving one has nothing to undo."""
        self._handler(state)
        return {}

    def _handler(self, state: str) -> StateHandler:
        if state not in self._states:
            raise NoSuchState(state, self.states())
        return self._states[state]

    async def advance(self, seconds: float) -> ClockState:
        await self._store.add({_OFFSET: seconds})
        await self._adopt_clock()
        return self.clock()

    def clock(self) -> ClockState:
        offset = self._clock.offset_seconds if isinstance(self._clock, SystemClock) else 0.0
        return ClockState(now=self._clock.now(), offset_seconds=offset)

    async def defects(self) -> tuple[DefectState, ...]:
        await self._publish_counters()
        sums = await self._store.read()
        return tuple(
            DefectState(
                id=one.id,
                applied=self._policies.applied(one.id),
                reached=int(sums.get(f"defect.{one.id}.reached", 0)),
                triggered=int(sums.get(f"defect.{one.id}.triggered", 0)),
            )
            for one in self._seeded
        )

    async def keep_in_step(self) -> None:
        """Share counters and adopt the common clock several times a second."""
        while True:
            try:
                await self._publish_counters()
                await self._adopt_clock()
            except (SQLAlchemyError, OSError, Problem) as error:
                _log.warning("control is out of step", extra={"reason": type(error).__name__})
            await self._clock.sleep(_SYNC_SECONDS)

    async def _adopt_clock(self) -> None:
        if isinstance(self._clock, SystemClock):
            self._clock.set_offset((await self._store.read()).get(_OFFSET, 0.0))

    async def _publish_counters(self) -> None:
        """One at a time, so that whoever reads the sums next finds in them what another task just took."""
        async with self._publishing:
            amounts: dict[str, float] = {}
            for one in self._seeded:
                reached, triggered = one.counters.take()
                if reached or triggered:
                    amounts |= {f"defect.{one.id}.reached": reached, f"defect.{one.id}.triggered": triggered}
            if amounts:
                await self._store.add(amounts)
