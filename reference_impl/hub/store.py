"""The job table in SQL: SQLite (WAL) and PostgreSQL (SKIP LOCKED) by one code path."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from reference_impl.hub.models import (
    Attempt,
    Failure,
    FailureKind,
    Message,
    Priority,
    QueueDepth,
    Reach,
    Selection,
    State,
    Verdict,
    Waiting,
)
from reference_impl.hub.ports import Choose
from reference_impl.hub.tables import attempts, messages, secrets
from reference_impl.kit.database import Database

_QUEUED = messages.c.state == State.QUEUED.value
_LEASED = messages.c.state == State.LEASED.value


class SqlJobStore:
    """Both sides of the job table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enqueue(self, rows: Sequence[Message]) -> None:
        """Write the messages in one transaction, in the order given."""
        async with self._database.begin() as connection:
            await connection.execute(sa.insert(messages), [_row(message) for message in rows])

    async def get(self, message_id: str, reach: Reach) -> Message | None:
        async with self._database.connect() as connection:
            found = (
                await connection.execute(
                    sa.select(messages).where(messages.c.id == message_id, _within(reach))
                )
            ).one_or_none()
        return None if found is None else _message(found)

    async def attempts(self, message_id: str) -> Sequence[Attempt]:
        query = sa.select(attempts).where(attempts.c.message_id == message_id)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query.order_by(attempts.c.sequence))).all()
        return tuple(_attempt(row) for row in rows)

    async def select(
        self, reach: Reach, selection: Selection, *, before: int | None, limit: int
    ) -> Sequence[Message]:
        """The newest first, starting below `before`."""
        query = sa.select(messages).where(_within(reach))
        if selection.state is not None:
            query = query.where(messages.c.state == selection.state.value)
        if selection.channel is not None:
            query = query.where(messages.c.channel == selection.channel)
        if selection.priority is not None:
            query = query.where(messages.c.priority == selection.priority.rank)
        if before is not None:
            query = query.where(messages.c.sequence < before)
        async with self._database.connect() as connection:
            rows = (await connection.execute(query.order_by(messages.c.sequence.desc()).limit(limit))).all()
        return tuple(_message(row) for row in rows)

    async def depths(self, reach: Reach | None, now: float) -> Sequence[QueueDepth]:
        """How full each priority's queue is; without a reach, over everybody's messages."""
        ready = sa.and_(_QUEUED, messages.c.available_at <= now)
        query = (
            sa.select(
                messages.c.priority,
                sa.func.count().filter(ready).label("ready"),
                sa.func.count().filter(_QUEUED, messages.c.available_at > now).label("scheduled"),
                sa.func.count().filter(_LEASED).label("leased"),
                sa.func.min(messages.c.available_at).filter(ready).label("oldest"),
            )
            .where(messages.c.state.in_((State.QUEUED.value, State.LEASED.value)))
            .group_by(messages.c.priority)
        )
        if reach is not None:
            query = query.where(_within(reach))
        async with self._database.connect() as connection:
            rows = {row.priority: row for row in (await connection.execute(query)).all()}
        return tuple(_depth(priority, rows.get(priority.rank)) for priority in Priority)

    async def cancel(self, message_id: str, *, at: float) -> bool:
        """Take a message that still waits out of the queue; False when it no longer waits."""
        return await self._change(
            sa.update(messages)
            .where(messages.c.id == message_id, _QUEUED)
            .values(state=State.CANCELLED.value, finished_at=at)
        )

    async def redrive(self, message_id: str, *, at: float) -> bool:
        """Queue a dead letter again with a full set of attempts; False when it is not dead."""
        return await self._change(
            sa.update(messages)
            .where(messages.c.id == message_id, messages.c.state == State.DEAD.value)
            .values(
                state=State.QUEUED.value,
                available_at=at,
                finished_at=None,
                attempts_before=messages.c.attempts,
                redrives=messages.c.redrives + 1,
            )
        )

    async def has_work(self, now: float) -> bool:
        """Tell by reading alone whether a claim could find anything, so that idle polls never lock."""
        query = sa.select(sa.exists().where(_QUEUED, messages.c.available_at <= now))
        async with self._database.connect() as connection:
            return bool((await connection.execute(query)).scalar_one())

    async def claim(
        self, choose: Choose, *, worker: str, now: float, lease_until: float, limit: int
    ) -> Sequence[Message]:
        """Lease up to `limit` of the ready messages, in the order that `choose` gives them."""
        async with self._database.begin() as connection:
            waiting: list[Waiting] = []
            for priority in Priority:
                # The oldest of each class are enough: within a class nothing overtakes.
                heads = await connection.execute(self._heads(priority, now, limit))
                waiting += [_waiting(row) for row in heads]
            chosen = [item.sequence for item in choose(waiting)]
            if not chosen:
                return ()
            leased = await self._lease(
                connection, messages.c.sequence.in_(chosen), worker=worker, lease_until=lease_until
            )
        by_sequence = {message.sequence: message for message in leased}
        return tuple(by_sequence[sequence] for sequence in chosen if sequence in by_sequence)

    async def claim_one(self, message_id: str, *, worker: str, lease_until: float) -> Message | None:
        """Lease one message out of turn; None when it does not wait any more."""
        async with self._database.begin() as connection:
            leased = await self._lease(
                connection, messages.c.id == message_id, worker=worker, lease_until=lease_until
            )
        return leased[0] if leased else None

    async def _lease(
        self,
        connection: AsyncConnection,
        which: sa.ColumnElement[bool],
        *,
        worker: str,
        lease_until: float,
    ) -> Sequence[Message]:
        lease = (
            sa.update(messages)
            .where(which, _QUEUED)
            .values(
                state=State.LEASED.value,
                lease_owner=worker,
                lease_until=lease_until,
                attempts=messages.c.attempts + 1,
            )
            .returning(messages)
        )
        return [_message(row) for row in (await connection.execute(lease)).all()]

    def _heads(self, priority: Priority, now: float, limit: int) -> sa.Select[Any]:
        query = (
            sa.select(messages.c.sequence, messages.c.priority, messages.c.available_at)
            .where(_QUEUED, messages.c.priority == priority.rank, messages.c.available_at <= now)
            .order_by(messages.c.available_at, messages.c.sequence)
            .limit(limit)
        )
        return query if self._database.is_sqlite else query.with_for_update(skip_locked=True)

    async def extend(self, ids: Sequence[str], *, worker: str, lease_until: float) -> None:
        """The heartbeat: keep what this worker still holds."""
        await self._change(
            sa.update(messages)
            .where(messages.c.id.in_(ids), _LEASED, messages.c.lease_owner == worker)
            .values(lease_until=lease_until)
        )

    async def expired(self, now: float) -> Sequence[Message]:
        """Messages whose worker stopped beating."""
        query = sa.select(messages).where(_LEASED, messages.c.lease_until < now).limit(500)
        async with self._database.connect() as connection:
            return tuple(_message(row) for row in (await connection.execute(query)).all())

    async def settle(self, message: Message, attempt: Attempt, verdict: Verdict) -> bool:
        """Write attempt and verdict together; False when the lease is somebody else's by now."""
        return await self._settle(_held(message), message, attempt, verdict)

    async def reclaim(self, message: Message, attempt: Attempt, verdict: Verdict) -> bool:
        """The same for a lease that ran out; False when its worker beat again after all."""
        unbeaten = messages.c.lease_until <= message.lease_until
        return await self._settle(sa.and_(_held(message), unbeaten), message, attempt, verdict)

    async def _settle(
        self, held: sa.ColumnElement[bool], message: Message, attempt: Attempt, verdict: Verdict
    ) -> bool:
        changes = _verdict_values(message, attempt, verdict)
        async with self._database.begin() as connection:
            done = await connection.execute(sa.update(messages).where(held).values(**changes))
            if done.rowcount == 1 and verdict.counted:
                await connection.execute(sa.insert(attempts), [_attempt_row(attempt)])
        return bool(done.rowcount == 1)

    async def release(self, *, worker: str, now: float) -> None:
        """Give all leases of a worker back unused, as it does when it goes away in order."""
        await self._change(
            sa.update(messages)
            .where(_LEASED, messages.c.lease_owner == worker)
            .values(
                state=State.QUEUED.value,
                available_at=now,
                lease_owner=None,
                lease_until=None,
                attempts=messages.c.attempts - 1,
            )
        )

    async def secret(self, channel: str, fresh: bytes) -> bytes:
        """The channel's own secret; `fresh` becomes it when there is none yet."""
        query = sa.select(secrets.c.secret).where(secrets.c.channel == channel)
        async with self._database.connect() as connection:
            found: bytes | None = (await connection.execute(query)).scalar_one_or_none()
        if found is not None:
            return found
        async with self._database.begin() as connection:
            new = self._database.insert(secrets).values(channel=channel, secret=fresh)
            await connection.execute(new.on_conflict_do_nothing())
            kept: bytes = (await connection.execute(query)).scalar_one()
        return kept

    async def _change(self, statement: sa.Update) -> bool:
        async with self._database.begin() as connection:
            return bool((await connection.execute(statement)).rowcount)


def _within(reach: Reach) -> sa.ColumnElement[bool]:
    if reach.owner is None:
        return messages.c.tenant == reach.tenant
    return sa.and_(messages.c.tenant == reach.tenant, messages.c.owner == reach.owner)


def _held(message: Message) -> sa.ColumnElement[bool]:
    return sa.and_(
        messages.c.id == message.id,
        _LEASED,
        messages.c.lease_owner == message.lease_owner,
        messages.c.attempts == message.attempts,
    )


def _row(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "owner": message.owner,
        "tenant": message.tenant,
        "channel": message.channel,
        "recipient": message.recipient,
        "priority": message.priority.rank,
        "state": message.state.value,
        "subject": message.subject,
        "text": message.text,
        "data": message.data,
        "traceparent": message.traceparent,
        "created_at": message.created_at,
        "available_at": message.available_at,
        "attempts": message.attempts,
        "attempts_before": message.attempts_before,
        "max_attempts": message.max_attempts,
        "redrives": message.redrives,
    }


def _message(row: sa.Row[Any]) -> Message:
    return Message(
        sequence=row.sequence,
        id=row.id,
        owner=row.owner,
        tenant=row.tenant,
        channel=row.channel,
        recipient=row.recipient,
        priority=Priority.of_rank(row.priority),
        state=State(row.state),
        subject=row.subject,
        text=row.text,
        data=row.data,
        traceparent=row.traceparent,
        created_at=row.created_at,
        available_at=row.available_at,
        attempts=row.attempts,
        attempts_before=row.attempts_before,
        max_attempts=row.max_attempts,
        redrives=row.redrives,
        lease_owner=row.lease_owner,
        lease_until=row.lease_until,
        finished_at=row.finished_at,
        last_failure=_failure(row.failure_kind, row.failure_detail, row.failure_status),
    )


def _failure(kind: str | None, detail: str | None, status: int | None) -> Failure | None:
    if kind is None:
        return None
    return Failure(kind=FailureKind(kind), detail=detail or "", status=status)


def _waiting(row: sa.Row[Any]) -> Waiting:
    return Waiting(
        sequence=row.sequence, priority=Priority.of_rank(row.priority), available_at=row.available_at
    )


def _depth(priority: Priority, row: sa.Row[Any] | None) -> QueueDepth:
    if row is None:
        return QueueDepth(priority=priority, ready=0, scheduled=0, leased=0, oldest_ready_at=None)
    return QueueDepth(
        priority=priority,
        ready=row.ready,
        scheduled=row.scheduled,
        leased=row.leased,
        oldest_ready_at=row.oldest,
    )


def _verdict_values(message: Message, attempt: Attempt, verdict: Verdict) -> dict[str, object]:
    failure = verdict.failure
    changes: dict[str, object] = {
        "state": verdict.state.value,
        "lease_owner": None,
        "lease_until": None,
        "attempts": message.attempts if verdict.counted else message.attempts - 1,
        "failure_kind": failure.kind.value if failure else None,
        "failure_detail": failure.detail if failure else None,
        "failure_status": failure.status if failure else None,
    }
    if verdict.state is State.QUEUED:
        return changes | {"available_at": verdict.available_at}
    return changes | {"finished_at": attempt.finished_at}


def _attempt_row(attempt: Attempt) -> dict[str, object]:
    return {
        "message_id": attempt.message_id,
        "number": attempt.number,
        "started_at": attempt.started_at,
        "finished_at": attempt.finished_at,
        "worker": attempt.worker,
        "status": attempt.status,
        "failure_kind": attempt.failure.kind.value if attempt.failure else None,
        "failure_detail": attempt.failure.detail if attempt.failure else None,
    }


def _attempt(row: sa.Row[Any]) -> Attempt:
    return Attempt(
        message_id=row.message_id,
        number=row.number,
        started_at=row.started_at,
        finished_at=row.finished_at,
        worker=row.worker,
        status=row.status,
        failure=_failure(row.failure_kind, row.failure_detail, row.status),
    )
