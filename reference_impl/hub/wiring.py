"""Puts the hub together: its policies by name, its store, channels, service and worker."""

import os
import secrets as random_bytes
import socket
from collections.abc import Callable, Sequence
from functools import cache

import httpx
from sqlalchemy.exc import SQLAlchemyError

from reference_impl.hub import api, policies
from reference_impl.hub.addresses import is_public, resolve_with_system
from reference_impl.hub.decisions import HubPolicies
from reference_impl.hub.lookups import SharedLookups
from reference_impl.hub.models import Priority, QueueDepth
from reference_impl.hub.policies import JitteredBackoff, OwnMessagesUnlessAdmin, StrictPriority
from reference_impl.hub.ports import Guards, MessageStore, Resolver
from reference_impl.hub.registry import ChannelKit, discover
from reference_impl.hub.service import HubService
from reference_impl.hub.signing import (
    child_of_request,
    parse_secret,
    same_on_every_attempt,
    sign_id_timestamp_and_body,
)
from reference_impl.hub.states import HubStates
from reference_impl.hub.store import SqlJobStore
from reference_impl.hub.webhooks import compose, message_id
from reference_impl.hub.worker import Worker, WorkerLimits
from reference_impl.kit.access import Authenticator
from reference_impl.kit.composition import Assembled, Kit
from reference_impl.kit.http import Guard, NoGuard, RetryPolicy
from reference_impl.kit.ids import new_id
from reference_impl.kit.problem import Unavailable

_BACKOFF_CAP_SECONDS = 300.0
_DEPTH_SECONDS = 2.0
_TRANSIENT = (SQLAlchemyError, OSError, Unavailable)


def no_guards(_: str) -> Guard:
    """Without a breaker service every destination is called directly."""
    return NoGuard()


def register(kit: Kit) -> HubPolicies:
    """Name the hub's decisions and take back what is in force."""
    table = kit.policies
    retry = RetryPolicy(
        base_seconds=kit.settings.hub_retry_seconds, cap_seconds=_BACKOFF_CAP_SECONDS, attempts=20
    )
    table.register("hub.acknowledge", policies.acknowledge_after_commit)
    table.register("hub.priority_order", StrictPriority())
    table.register("hub.backoff", JitteredBackoff(retry=retry))
    table.register("hub.retryable", policies.retry_transient)
    table.register("hub.dead_letter_reason", policies.reason_from_failure)
    table.register("hub.settlement", policies.deliver_then_settle)
    table.register("hub.ownership", OwnMessagesUnlessAdmin())
    table.register("hub.exhausted", policies.at_maximum)
    table.register("hub.admission", policies.all_or_none)
    table.register("hub.depth_shown", lambda depth: depth.held)
    table.register("webhook.signature", sign_id_timestamp_and_body)
    table.register("webhook.trace", child_of_request)
    table.register("webhook.idempotency_key", same_on_every_attempt)
    table.register("webhook.client", _one_connection_each)
    table.register("webhook.public_address", is_public)
    table.register("webhook.body", compose)
    table.register("webhook.id", message_id)
    table.register("webhook.signing_secrets", every_secret)
    return HubPolicies(
        acknowledge=table["hub.acknowledge"],
        admission=table["hub.admission"],
        priority_order=table["hub.priority_order"],
        backoff=table["hub.backoff"],
        retryable=table["hub.retryable"],
        exhausted=table["hub.exhausted"],
        dead_letter_reason=table["hub.dead_letter_reason"],
        settlement=table["hub.settlement"],
        ownership=table["hub.ownership"],
    )


def every_secret(secrets: Sequence[bytes]) -> Sequence[bytes]:
    """While a secret is being replaced the old one and the new one both sign."""
    return secrets


def _one_connection_each() -> httpx.AsyncClient:
    """Connections are to addresses, so one must never serve two names: its certificate was for the first."""
    return httpx.AsyncClient(
        trust_env=False, follow_redirects=False, limits=httpx.Limits(max_keepalive_connections=0)
    )


def assemble(
    kit: Kit,
    *,
    authenticator: Authenticator,
    guards: Guards = no_guards,
    resolve: Resolver = resolve_with_system,
) -> Assembled:
    """The hub with its router, its worker and its provider states."""
    decided = register(kit)
    store = SqlJobStore(kit.database)
    kit.policies.register("hub.messages", store)
    kit.policies.register("hub.leases", store)
    messages: MessageStore = kit.policies["hub.messages"]
    configured = tuple(parse_secret(each) for each in kit.settings.webhook_secrets)
    fresh = random_bytes.token_bytes(32)

    async def secrets() -> Sequence[bytes]:
        return configured or (await store.secret("webhook", fresh),)

    in_force = kit.policies["webhook.signing_secrets"]

    async def signing() -> Sequence[bytes]:
        return tuple(in_force(await secrets()))

    client = cache(kit.policies["webhook.client"])
    channel_kit = ChannelKit(
        client=client,
        guards=guards,
        secrets=signing,
        sign=kit.policies["webhook.signature"],
        trace=kit.policies["webhook.trace"],
        idempotency_key=kit.policies["webhook.idempotency_key"],
        resolve=SharedLookups(resolve, clock=kit.clock),
        allow=frozenset(kit.settings.webhook_allow),
        clock=kit.clock,
        public=kit.policies["webhook.public_address"],
        compose=kit.policies["webhook.body"],
        identify=kit.policies["webhook.id"],
    )
    channels = {name: plugin.build(channel_kit) for name, plugin in discover().items()}
    counter = kit.metrics.counter(
        "hub_messages_total", "Messages by what became of them.", ("state", "channel")
    )
    worker = Worker(
        name=new_id(f"wrk-{socket.gethostname()[:16]}-{os.getpid()}"),
        leases=kit.policies["hub.leases"],
        channels=channels,
        policies=decided,
        clock=kit.clock,
        random=kit.random,
        logger=kit.logger,
        counter=counter,
        limits=WorkerLimits(
            lease_seconds=kit.settings.hub_lease_seconds, drain_seconds=kit.settings.drain_seconds
        ),
        transient=_TRANSIENT,
    )
    service = HubService(
        store=messages,
        channels=channels,
        policies=decided,
        clock=kit.clock,
        logger=kit.logger,
        counter=counter,
        wake=worker.wake,
    )
    states = HubStates(
        service=service,
        store=messages,
        worker=worker,
        secrets=secrets,
        authenticator=authenticator,
        clock=kit.clock,
    )
    shown: Callable[[QueueDepth], int] = kit.policies["hub.depth_shown"]
    return Assembled(
        name="hub",
        service=service,
        routers=(api.build(service),),
        background=(lambda: _watch_depths(kit, store, shown),),
        worker=(worker.run,),
        states=states.handlers(),
        shutdown=(lambda: client().aclose(),),
    )


async def _watch_depths(kit: Kit, store: SqlJobStore, shown: Callable[[QueueDepth], int]) -> None:
    """Keep the queue depth gauge true."""
    gauge = kit.metrics.gauge("hub_queue_depth", "Messages that wait or are being sent.", ("priority",))
    for priority in Priority:
        gauge.labels(priority.value).set(0)
    while True:
        try:
            for depth in await store.depths(None, kit.clock.now().timestamp()):
                gauge.labels(depth.priority.value).set(shown(depth))
        except _TRANSIENT as error:
            kit.logger.warning("queue_depth_unknown", extra={"error": str(error)})
        await kit.clock.sleep(_DEPTH_SECONDS)
