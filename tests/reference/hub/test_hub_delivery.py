"""Delivery: signatures, retries, dead letters, redrive, leases."""

import httpx
import pytest
import respx

from reference_impl.hub.models import Priority, State
from reference_impl.hub.signing import parse_secret, verify
from reference_impl.kit.telemetry import TraceContext, set_trace
from tests.reference.hub.conftest import ALICE, RECEIVER_BY_ADDRESS, SECRET, Hub


async def state_of(hub: Hub, message_id: str) -> State:
    return (await hub.service.get(ALICE, message_id)).message.state


@respx.mock
async def test_a_delivery_carries_a_signature_that_the_receiver_can_verify(hub: Hub) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    sent = await hub.send()

    await hub.work()

    request = route.calls.last.request
    now = hub.clock.now().timestamp()
    assert verify([parse_secret(SECRET)], request.headers, request.content, now=now)
    assert request.headers["host"] == "receiver.example.com"
    assert request.headers["idempotency-key"] == request.headers["webhook-id"] == sent.message.id
    assert await state_of(hub, sent.message.id) is State.DELIVERED


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@respx.mock
async def test_changing_one_signed_header_breaks_the_signature(hub: Hub, header: str) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    await hub.send()
    await hub.work()
    request = route.calls.last.request
    value = request.headers[header]
    other = "B" if value[-10] == "A" else "A"
    changed = dict(request.headers) | {header: value[:-10] + other + value[-9:]}
    if header == "webhook-timestamp":
        changed[header] = str(int(request.headers[header]) + 1)

    now = hub.clock.now().timestamp()

    assert not verify([parse_secret(SECRET)], changed, request.content, now=now)
    assert not verify([parse_secret(SECRET)], request.headers, request.content + b" ", now=now)


@respx.mock
async def test_a_retry_carries_the_same_body_and_idempotency_key(hub: Hub) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS)
    route.side_effect = [httpx.Response(500), httpx.Response(204)]
    sent = await hub.send()

    await hub.work()
    hub.clock.advance(600)
    await hub.work()

    first, second = (call.request for call in route.calls)
    assert first.content == second.content
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    view = await hub.service.get(ALICE, sent.message.id)
    assert [attempt.status for attempt in view.attempts] == [500, 204]


@respx.mock
async def test_the_trace_of_the_caller_goes_on_in_the_delivery(hub: Hub) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    trace = TraceContext.new()
    set_trace(trace)
    await hub.send()

    await hub.work()

    parsed = TraceContext.parse(route.calls.last.request.headers["traceparent"])
    assert parsed is not None
    assert parsed.trace_id == trace.trace_id
    assert parsed.span_id != trace.span_id


@respx.mock
async def test_retry_after_is_obeyed(hub: Hub) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS)
    route.side_effect = [httpx.Response(429, headers={"Retry-After": "120"}), httpx.Response(204)]
    await hub.send()
    await hub.work()

    hub.clock.advance(119)
    assert await hub.work() == 0
    hub.clock.advance(1)
    assert await hub.work() == 1


@respx.mock
async def test_a_message_that_always_fails_is_dead_after_its_last_attempt_and_says_why(hub: Hub) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(503)
    sent = await hub.send(max_attempts=3)

    for _ in range(5):
        await hub.work()
        hub.clock.advance(600)

    view = await hub.service.get(ALICE, sent.message.id)
    assert view.message.state is State.DEAD
    assert route.call_count == 3
    assert view.reason == "server_error after 3 of 3 attempts: The receiver answered 503."


@pytest.mark.parametrize("status", [301, 400, 404, 410])
@respx.mock
async def test_a_refusal_is_not_retried_and_a_redirect_not_followed(hub: Hub, status: int) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(status, headers={"Location": "https://93.184.215.14/"})
    sent = await hub.send()

    await hub.work()

    assert route.call_count == 1
    assert await state_of(hub, sent.message.id) is State.DEAD


@respx.mock
async def test_a_redriven_dead_letter_gets_a_full_set_of_attempts_and_keeps_its_history(hub: Hub) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS)
    route.side_effect = [httpx.Response(400), httpx.Response(500), httpx.Response(204)]
    sent = await hub.send(max_attempts=2)
    await hub.work()

    redriven = await hub.service.redrive(ALICE, sent.message.id)
    await hub.work()
    hub.clock.advance(600)
    await hub.work()

    view = await hub.service.get(ALICE, sent.message.id)
    assert redriven.message.state is State.QUEUED
    assert view.message.state is State.DELIVERED
    assert [attempt.number for attempt in view.attempts] == [1, 2, 3]


@respx.mock
async def test_a_lease_that_no_worker_renews_is_taken_over(hub: Hub) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(204)
    sent = await hub.send()
    await hub.worker._claim()  # a worker that dies right after it took the message

    assert await hub.work() == 0
    hub.clock.advance(hub.kit.settings.hub_lease_seconds + 1)
    await hub.work()
    hub.clock.advance(60)
    await hub.work()

    view = await hub.service.get(ALICE, sent.message.id)
    assert route.call_count == 1
    assert view.message.state is State.DELIVERED
    assert [a.failure.kind.value if a.failure else None for a in view.attempts] == ["worker_lost", None]


async def test_a_message_that_kills_every_worker_ends_as_a_dead_letter(hub: Hub) -> None:
    sent = await hub.send(max_attempts=2)

    for _ in range(2):
        hub.clock.advance(600)
        await hub.worker._reclaim()
        hub.clock.advance(600)
        await hub.worker._claim()
    hub.clock.advance(600)
    await hub.worker._reclaim()

    view = await hub.service.get(ALICE, sent.message.id)
    assert view.message.state is State.DEAD
    assert view.reason is not None
    assert view.reason.startswith("worker_lost after 2 of 2 attempts")


@respx.mock
async def test_an_open_breaker_delays_a_message_without_eating_its_attempts(hub: Hub) -> None:
    route = respx.post(RECEIVER_BY_ADDRESS).respond(500)
    failing = [await hub.send(max_attempts=20) for _ in range(2)]
    while "breaker_open" not in {await last_outcome(hub, each.message.id) for each in failing}:
        await hub.work()
        hub.clock.advance(1)
    sent_before, late = route.call_count, await hub.send(max_attempts=1)
    await hub.work()
    refused = await hub.service.get(ALICE, late.message.id)

    route.respond(204)
    for _ in range(5):
        hub.clock.advance(120)
        await hub.work()

    assert route.call_count > sent_before
    view = await hub.service.get(ALICE, late.message.id)
    assert (refused.message.state, refused.message.attempts) == (State.QUEUED, 0)
    assert (view.message.state, view.message.attempts) == (State.DELIVERED, 1)


async def last_outcome(hub: Hub, message_id: str) -> str | None:
    failure = (await hub.service.get(ALICE, message_id)).message.last_failure
    return failure.kind.value if failure else None


async def test_a_message_whose_channel_crashes_is_poison_and_named_so(hub: Hub) -> None:
    channel = hub.worker._channels["webhook"]
    object.__setattr__(channel, "secrets", None)  # any bug inside a channel
    sent = await hub.send(priority=Priority.HIGH)

    await hub.work()

    view = await hub.service.get(ALICE, sent.message.id)
    assert view.message.state is State.DEAD
    assert view.reason == "poison after 1 of 3 attempts: The channel could not process it."
