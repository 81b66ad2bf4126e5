"""The worker: claims small leases, keeps them alive, delivers, settles, and drains in order."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from prometheus_client import Counter

from reference_impl.hub.decisions import HubPolicies, verdict
from reference_impl.hub.models import (
    Attempt,
    Delivered,
    Failure,
    FailureKind,
    Message,
    Outcome,
    State,
    Waiting,
)
from reference_impl.hub.ports import ChannelTable, LeaseStore
from reference_impl.kit.clock import Clock
from reference_impl.kit.http import Random
from reference_impl.kit.telemetry import TraceContext, set_trace


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """How much a worker holds at once and how long it may hold it without a sign of life."""

    slots: int = 8
    lease_seconds: float = 15.0
    poll_seconds: float = 0.1
    attempt_seconds: float = 30.0
    drain_seconds: float = 10.0

    @property
    def heartbeat_seconds(self) -> float:
        """Three beats fit into a lease, so one may be late."""
        return self.lease_seconds / 3


class Worker:
    """Delivers what is due. Any number of workers may run, in any number of processes."""

    def __init__(
        self,
        *,
        name: str,
        leases: LeaseStore,
        channels: ChannelTable,
        policies: HubPolicies,
        clock: Clock,
        random: Random,
        logger: logging.Logger,
        counter: Counter,
        limits: WorkerLimits,
        transient: tuple[type[Exception], ...],
    ) -> None:
        self._name = name
        self._leases = leases
        self._channels = channels
        self._policies = policies
        self._clock = clock
        self._random = random
        self._logger = logger
        self._counter = counter
        self._limits = limits
        self._transient = transient
        self._held: dict[str, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look for work now rather than at the next poll."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled, then drain: finish what is in flight, give the rest back."""
        beating = asyncio.create_task(self._beat())
        try:
            while True:
                await self._step()
                await self._pause()
        finally:
            await self._drain()
            beating.cancel()

    async def run_once(self) -> int:
        """Reclaim, claim one batch, deliver it and settle; returns how many were delivered or tried."""
        await self._reclaim()
        claimed = await self._claim()
        await asyncio.gather(*(self._process(message) for message in claimed))
        return len(claimed)

    async def deliver_now(self, message_id: str) -> bool:
        """Deliver one message out of turn; False when it does not wait any more."""
        until = self._now() + self._limits.lease_seconds
        message = await self._leases.claim_one(message_id, worker=self._name, lease_until=until)
        if message is not None:
            await self._process(message)
        return message is not None

    async def _step(self) -> None:
        """One round; a store that fails for the moment does not end the worker."""
        try:
            await self._reclaim()
            for message in await self._claim():
                task = asyncio.create_task(self._process(message))
                self._held[message.id] = task
                task.add_done_callback(partial(self._finished, message.id))
        except self._transient as error:
            self._logger.warning(
                "worker_store_unavailable", extra={"worker": self._name, "error": str(error)}
            )

    def _finished(self, message_id: str, _: asyncio.Task[None]) -> None:
        self._held.pop(message_id, None)
        self._woken.set()

    async def _pause(self) -> None:
        """Wait for new work, a free slot or the next poll, whichever is first."""
        try:
            async with asyncio.timeout(self._limits.poll_seconds):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()

    async def _claim(self) -> Sequence[Message]:
        free = self._limits.slots - len(self._held)
        now = self._now()
        if free <= 0 or not await self._leases.has_work(now):
            return ()

        def choose(waiting: Sequence[Waiting]) -> Sequence[Waiting]:
            return self._policies.priority_order(waiting, now, free)

        return await self._leases.claim(
            choose,
            worker=self._name,
            now=now,
            lease_until=now + self._limits.lease_seconds,
            limit=free,
        )

    async def _reclaim(self) -> None:
        """Take over messages whose worker stopped beating; one that keeps killing workers dies itself."""
        now = self._now()
        for message in await self._leases.expired(now):
            failure = Failure(
                kind=FailureKind.WORKER_LOST, detail="The worker that held it stopped; its lease ran out."
            )
            decided = verdict(message, failure, policies=self._policies, now=now, random=self._random)
            if await self._leases.reclaim(message, _attempt(message, failure, now, now), decided):
                self._counter.labels(_label(decided.state), message.channel).inc()
                self._logger.warning(
                    "lease_reclaimed", extra={"message_id": message.id, "from": message.lease_owner}
                )

    async def _process(self, message: Message) -> None:
        set_trace(TraceContext.parse(message.traceparent))
        started = self._now()

        async def deliver() -> Outcome:
            return await self._deliver(message)

        async def settle(outcome: Outcome) -> None:
            await self._settle(message, outcome, started)

        try:
            await self._policies.settlement(deliver, settle)
        except self._transient as error:
            # The lease runs out and the message is delivered again: at least once, never lost.
            self._logger.warning("settlement_failed", extra={"message_id": message.id, "error": str(error)})

    async def _deliver(self, message: Message) -> Outcome:
        channel = self._channels.get(message.channel)
        if channel is None:
            return Failure(kind=FailureKind.POISON, detail="Its channel does not exist.")
        try:
            async with asyncio.timeout(self._limits.attempt_seconds):
                return await channel.deliver(message)
        except TimeoutError:
            return Failure(kind=FailureKind.TIMEOUT, detail="The channel did not finish in time.")
        except Exception:  # a channel's crash is this message's end, not the worker's
            self._logger.exception("channel_crashed", extra={"message_id": message.id})
            return Failure(kind=FailureKind.POISON, detail="The channel could not process it.")

    async def _settle(self, message: Message, outcome: Outcome, started: float) -> None:
        now = self._now()
        decided = verdict(message, outcome, policies=self._policies, now=now, random=self._random)
        if not await self._leases.settle(message, _attempt(message, outcome, started, now), decided):
            self._logger.warning("lease_lost", extra={"message_id": message.id, "worker": self._name})
            return
        self._counter.labels(_label(decided.state), message.channel).inc()
        self._logger.info(
            "message_attempted",
            extra={"message_id": message.id, "state": decided.state.value, "attempt": message.attempts},
        )

    async def _beat(self) -> None:
        while True:
            await self._clock.sleep(self._limits.heartbeat_seconds)
            if not self._held:
                continue
            until = self._now() + self._limits.lease_seconds
            try:
                await self._leases.extend(tuple(self._held), worker=self._name, lease_until=until)
            except self._transient as error:
                self._logger.warning("heartbeat_failed", extra={"error": str(error)})

    async def _drain(self) -> None:
        """Let deliveries in flight finish; what does not in time is given back and goes to another worker."""
        if self._held:
            _, late = await asyncio.wait(self._held.values(), timeout=self._limits.drain_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._leases.release(worker=self._name, now=self._now())

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _label(state: State) -> str:
    return "retried" if state is State.QUEUED else state.value


def _attempt(message: Message, outcome: Outcome, started: float, finished: float) -> Attempt:
    failure = None if isinstance(outcome, Delivered) else outcome
    return Attempt(
        message_id=message.id,
        number=message.attempts,
        started_at=started,
        finished_at=finished,
        worker=message.lease_owner or "",
        status=outcome.status,
        failure=failure,
    )
