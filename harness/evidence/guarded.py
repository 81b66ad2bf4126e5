"""Stands in one connection to a deployment: lets out what may go, at the agreed pace, and bounds answers.

A request is held back whole until it may go; then its bytes go out untouched. An answer is measured before it
is handed on, so that neither an endless one nor a bomb reaches a client.
"""

import asyncio
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.core.allowance import Allowance, BudgetSpent
from harness.core.clock import Clock
from harness.core.relay import Direction, Relay
from harness.evidence.conversation import Conversation
from harness.evidence.draft import Draft
from harness.evidence.gate import LONGEST_BODY, LONGEST_HEAD, Policy, Question, Stop
from harness.evidence.patience import LONGEST_HOLD, Patience

#: Longer answers, on the wire or inflated, are cut off: nothing that is judged needs them.
MOST_WIRE = 32 * 1024 * 1024
MOST_INFLATED = 64 * 1024 * 1024
#: An answer that is no stream of events and takes longer than this has no end.
LONGEST_ANSWER = 30.0

_HELD = "until it may go"


class Guard:
    """What the connections of one recorder share."""

    def __init__(self, policy: Policy, allowance: Allowance, clock: Clock) -> None:
        self.policy = policy
        self.allowance = allowance
        self.clock = clock
        self.patience = Patience()

    @classmethod
    def of(cls, record: Mapping[str, Any], clock: Clock) -> "Guard":
        """Read the JSON form that the launcher hands over."""
        allowance = Allowance(
            Path(record["allowance"]), requests=record["requests"], per_second=record["per_second"]
        )
        return cls(Policy.of(record), allowance, clock)

    def know(self, headers: Mapping[str, str]) -> None:
        """Recognise a real credential by its header."""
        pairs = {(name.lower(), value) for name, value in headers.items()}
        self.policy = replace(self.policy, credentials=self.policy.credentials | pairs)

    def leave(self, question: Question | None) -> float | Stop:
        """Return how many seconds to wait before a question goes, or why it must not go."""
        if question is None:  # no HTTP that anybody here can read
            stop: Stop | None = None if self.policy.may_write else Stop.NO_CONSENT_WRITES
        else:
            stop = self.policy.stop(question)
        now = self.clock.monotonic()
        wait = max(0.0, self.patience.until(question.path) - now) if question else 0.0
        if stop is None and wait > LONGEST_HOLD:
            stop = Stop.BACKING_OFF
        if stop is not None:
            self.allowance.refuse()
            return stop
        try:
            pace = self.allowance.take(now, longest_pause=LONGEST_HOLD)
        except BudgetSpent:
            return Stop.BUDGET_SPENT
        return Stop.BACKING_OFF if pace is None else max(wait, pace)

    def answered(self, draft: Draft) -> None:
        """Take in what an answer says about being left alone."""
        if draft.status is None:
            return
        until = self.patience.answered(
            draft.target.split("?", 1)[0],
            draft.status,
            draft.response_header(b"retry-after"),
            now=self.clock.monotonic(),
            wall=self.clock.now(),
        )
        if until:
            self.allowance.pause(until)


class TooMuch(Exception):
    """An answer that is longer than anything that is judged."""


class Meter:
    """Counts an answer's bytes, and what they inflate to, without keeping either."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._size = 0
        self._inflater: Any = None
        self._is_started = False

    def feed(self, data: bytes | bytearray) -> None:
        """Count; raises TooMuch."""
        if not self._is_started:
            self._is_started = True
            encoding = self._draft.response_header(b"content-encoding").strip().lower()
            if encoding in {"gzip", "x-gzip", "deflate"}:
                self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
        if self._inflater is None:
            return
        rest = bytes(data)
        try:
            while rest and self._inflater is not None:
                self._size += len(self._inflater.decompress(rest, LONGEST_BODY))
                rest = self._inflater.unconsumed_tail
                if self._size > MOST_INFLATED:
                    raise TooMuch
        except zlib.error:
            self._inflater = None  # it does not inflate, so it is no bomb either


class GuardedTap:
    """Holds a question back until it may go; otherwise as the plain tap, but for reading answers first."""

    def __init__(
        self,
        relay: Relay,
        conversation: Conversation,
        guard: Guard,
        *,
        rename: Callable[[bytes], bytes],
        not_sent: Callable[[Question | None, Stop], None],
        gone: Callable[["GuardedTap"], None],
    ) -> None:
        self.relay = relay
        self._conversation = conversation
        self._guard = guard
        self._rename = rename
        self._not_sent = not_sent
        self._gone = gone
        self._held: bytearray | None = None
        self._is_waiting = False
        self._missing: int | None = 0
        self._ends = False
        self._wire = 0
        self._timers: list[asyncio.TimerHandle] = []

    def received(self, direction: Direction, data: bytes) -> None:
        if direction is Direction.DOWNSTREAM:
            self._answered(data)
        elif self._conversation.is_opaque:
            self._send(data)
        elif self._held is not None:
            self._held += data
            self._consider()
        elif self._conversation.is_idle or self._missing == 0:
            self._held = bytearray(data)
            self._consider()
        else:
            self._send(data)

    def ended(self, direction: Direction) -> None:
        if direction is Direction.UPSTREAM and self._held is not None:
            self._ends = True  # what is held goes first
            return
        self.relay.write_eof(direction)
        self._conversation.ended(direction)

    def closed(self, *, refused: bool) -> None:
        for timer in self._timers:
            timer.cancel()
        self._held = None
        self._conversation.closed(refused=refused)
        self._gone(self)

    def _consider(self) -> None:
        """Let the held question go, wait for more of it, or stop it."""
        if self._held is None or self._is_waiting or not self._conversation.is_idle:
            return
        raw = bytes(self._held)
        question = Question.read(raw)
        if question is None and b"\r\n\r\n" not in raw and len(raw) < LONGEST_HEAD and not self._ends:
            return  # its head is still coming
        if question is not None and self._guard.policy.waits_for_body(question):
            return
        leave = self._guard.leave(question)
        if isinstance(leave, Stop):
            self._held = None
            self._not_sent(question, leave)
            self.relay.close()
        elif leave > 0:
            self._is_waiting = True
            self.relay.hold(Direction.UPSTREAM, for_reason=_HELD)
            self._timers.append(asyncio.get_running_loop().call_later(leave, self._go, question))
        else:
            self._go(question)

    def _go(self, question: Question | None) -> None:
        if self._held is None or self.relay.is_closed:
            return
        raw, self._held = bytes(self._held), None
        self._is_waiting = False
        self._missing = question.missing if question else None
        self._wire = 0
        self._timers = [asyncio.get_running_loop().call_later(LONGEST_ANSWER, self._cut_late)]
        self._write(raw)
        self.relay.release(Direction.UPSTREAM, for_reason=_HELD)
        if self._ends:
            self._ends = False
            self.ended(Direction.UPSTREAM)

    def _send(self, data: bytes) -> None:
        if self._missing is not None:
            self._missing = max(0, self._missing - len(data))
        self._write(data)

    def _write(self, data: bytes) -> None:
        data = self._rename(data)
        self.relay.write(Direction.UPSTREAM, data)
        self._conversation.received(Direction.UPSTREAM, data)

    def _answered(self, data: bytes) -> None:
        self._wire += len(data)
        draft = self._conversation.current
        if draft is not None and draft.response_body.watch is None:
            draft.response_body.watch = Meter(draft).feed
        try:
            self._conversation.received(Direction.DOWNSTREAM, data)
        except TooMuch:
            self._cut("answer-inflates-too-much")
            return
        if self._wire > MOST_WIRE and (draft is None or not draft.is_event_stream):
            self._cut("answer-too-long")
            return
        self.relay.write(Direction.DOWNSTREAM, data)
        if draft is not None and self._conversation.current is not draft:
            self._guard.answered(draft)
            self._consider()

    def _cut(self, gap: str) -> None:
        self._conversation.cut(gap)
        self.relay.reset()

    def _cut_late(self) -> None:
        draft = self._conversation.current
        if draft is not None and not draft.is_event_stream and not draft.is_upgrade:
            self._cut("answer-endless")
