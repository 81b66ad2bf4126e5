"""Pure decisions over one attempt, made of the injected policies."""

from dataclasses import dataclass

from reference_impl.hub.models import (
    Delivered,
    Failure,
    FailureKind,
    Message,
    Outcome,
    State,
    Verdict,
)
from reference_impl.hub.policies import (
    Acknowledge,
    Admission,
    Backoff,
    DeadLetterReason,
    Exhausted,
    Ownership,
    PriorityOrder,
    Retryable,
    Settlement,
)
from reference_impl.kit.http import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPolicies:
    """The decisions in force."""

    acknowledge: Acknowledge
    admission: Admission
    priority_order: PriorityOrder
    backoff: Backoff
    retryable: Retryable
    exhausted: Exhausted
    dead_letter_reason: DeadLetterReason
    settlement: Settlement
    ownership: Ownership


def verdict(
    message: Message, outcome: Outcome, *, policies: HubPolicies, now: float, random: Random
) -> Verdict:
    """Say what becomes of a message after this attempt."""
    match outcome:
        case Delivered():
            return Verdict(state=State.DELIVERED)
        case Failure():
            return _after_failure(message, outcome, policies=policies, now=now, random=random)


def _after_failure(
    message: Message, failure: Failure, *, policies: HubPolicies, now: float, random: Random
) -> Verdict:
    # Nothing was sent through an open breaker, so it must not eat the message's attempts.
    counted = failure.kind is not FailureKind.BREAKER_OPEN
    exhausted = counted and policies.exhausted(message.round_attempts, message.max_attempts)
    if exhausted or not policies.retryable(failure):
        return Verdict(state=State.DEAD, failure=failure)
    wait = policies.backoff(message.round_attempts, failure, random)
    return Verdict(state=State.QUEUED, available_at=now + wait, failure=failure, counted=counted)


def dead_letter_reason(message: Message, policies: HubPolicies) -> str | None:
    """The reason a dead letter names; None for a message that is not dead."""
    if message.state is not State.DEAD or message.last_failure is None:
        return None
    return policies.dead_letter_reason(message.last_failure, message.round_attempts, message.max_attempts)
