"""The audit chain: how a link is hashed, and how a whole chain is verified. Pure."""

import hashlib
import json
from collections.abc import AsyncIterable
from dataclasses import replace
from datetime import UTC, datetime

from reference_impl.auth.models import AuditEntry, AuditEvent, ChainHead, ChainVerdict

GENESIS = ChainHead(sequence=0, hash="0" * 64)


def link(head: ChainHead, entry: AuditEntry, at: datetime) -> AuditEvent:
    """Return the event that follows the head."""
    event = AuditEvent(
        sequence=head.sequence + 1,
        at=at.astimezone(UTC),
        action=entry.action.value,
        result=entry.result.value,
        actor=entry.actor,
        subject=entry.subject,
        address=entry.caller.address,
        request_id=entry.caller.request_id,
        details=dict(entry.details),
        previous_hash=head.hash,
        hash="",
    )
    return replace(event, hash=digest(event))


def digest(event: AuditEvent) -> str:
    """Hash everything of the event but its own hash, in one canonical form."""
    members = [
        event.sequence,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.action,
        event.result,
        event.actor,
        event.subject,
        event.address,
        event.request_id,
        sorted(event.details.items()),
        event.previous_hash,
    ]
    text = json.dumps(members, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


async def verify(events: AsyncIterable[AuditEvent], head: ChainHead) -> ChainVerdict:
    """Walk the chain from its start; name the first place where it does not hold."""
    last = GENESIS
    async for event in events:
        expected = last.sequence + 1
        if event.sequence != expected:
            return _broken(last, expected, "the event is missing")
        if event.previous_hash != last.hash:
            return _broken(last, expected, "it does not follow the event before it")
        if event.hash != digest(event):
            return _broken(last, expected, "its content was changed after it was written")
        last = ChainHead(sequence=event.sequence, hash=event.hash)
    if last.sequence < head.sequence:
        return _broken(last, last.sequence + 1, "the end of the chain was cut off")
    if last != head:
        return _broken(last, last.sequence, "the recorded head is another one")
    return ChainVerdict(checked=last.sequence)


def _broken(last: ChainHead, place: int, reason: str) -> ChainVerdict:
    return ChainVerdict(checked=last.sequence, first_bad=place, reason=reason)
