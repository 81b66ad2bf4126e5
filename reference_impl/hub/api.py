"""The hub over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from reference_impl.hub.errors import (
    NoSuchChannel,
    NoSuchMessage,
    NotDead,
    NotQueued,
    RecipientRefused,
    UnknownChannel,
)
from reference_impl.hub.models import Priority, Selection, State
from reference_impl.hub.schemas import (
    BatchIn,
    BatchOut,
    ChannelHealthOut,
    ChannelId,
    ChannelOut,
    ChannelsOut,
    MessageDetail,
    MessageIn,
    MessageOut,
    MessagePage,
    QueuesOut,
    RedriveIn,
    RedriveOut,
    TestIn,
    TestOut,
)
from reference_impl.hub.service import HubService
from reference_impl.kit.access import Principal, require
from reference_impl.kit.paging import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, UnknownCursor
from reference_impl.kit.problem import BadRequest, problem_responses

MessageId = Annotated[
    str,
    Path(
        pattern=r"^msg_[0-9A-HJKMNP-TV-Z]{26}$",
        description="The message's id.",
        examples=["msg_01JDQ4M8K7N2P3R5S6T8V9W0XZ"],
    ),
]
ChannelPath = Annotated[
    str, Path(pattern=r"^[a-z][a-z0-9-]{0,31}$", description="The channel's id.", examples=["webhook"])
]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="At most this many items.")]
Cursor = Annotated[str | None, Query(max_length=1024, description="Where the page before this one ended.")]


def build(service: HubService) -> APIRouter:
    """The hub's routes."""
    router = APIRouter(prefix="/api/hub", tags=["hub"])
    _add_messages(router, service)
    _add_dead_letters(router, service)
    _add_channels(router, service)
    return router


def _add_messages(router: APIRouter, service: HubService) -> None:
    @router.post(
        "/messages",
        status_code=202,
        summary="Accept a message; 202 means that it is durable.",
        responses=problem_responses(BadRequest, RecipientRefused, UnknownChannel),
    )
    async def enqueue_message(body: MessageIn, principal: Principal = require("hub:write")) -> MessageOut:
        return MessageOut.of((await service.enqueue(principal, [body.to_model()]))[0])

    @router.post(
        "/messages/batch",
        status_code=202,
        summary="Accept up to a hundred messages, all or none.",
        responses=problem_responses(BadRequest, RecipientRefused, UnknownChannel),
    )
    async def enqueue_batch(body: BatchIn, principal: Principal = require("hub:write")) -> BatchOut:
        return BatchOut.of(await service.enqueue(principal, [each.to_model() for each in body.messages]))

    @router.get(
        "/messages", summary="List messages, the newest first.", responses=problem_responses(UnknownCursor)
    )
    async def list_messages(
        *,
        principal: Principal = require("hub:read"),
        state: State | None = None,
        channel: ChannelId | None = None,
        priority: Priority | None = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE_SIZE,
    ) -> MessagePage:
        selection = Selection(state=state, channel=channel, priority=priority)
        return MessagePage.of(await service.list(principal, selection, cursor=cursor, limit=limit))

    @router.get(
        "/messages/{message_id}",
        summary="Read a message with the history of its attempts.",
        responses=problem_responses(NoSuchMessage),
    )
    async def get_message(message_id: MessageId, principal: Principal = require("hub:read")) -> MessageDetail:
        return MessageDetail.of(await service.get(principal, message_id))

    @router.post(
        "/messages/{message_id}/cancel",
        summary="Take a message that still waits out of the queue.",
        responses=problem_responses(BadRequest, NoSuchMessage, NotQueued),
    )
    async def cancel_message(
        message_id: MessageId, principal: Principal = require("hub:write")
    ) -> MessageDetail:
        return MessageDetail.of(await service.cancel(principal, message_id))

    @router.get("/queues", summary="Show how full the queues are.")
    async def list_queues(principal: Principal = require("hub:read")) -> QueuesOut:
        return QueuesOut.of(*await service.queues(principal))


def _add_dead_letters(router: APIRouter, service: HubService) -> None:
    @router.get("/dead-letters", summary="List dead letters.", responses=problem_responses(UnknownCursor))
    async def list_dead_letters(
        principal: Principal = require("hub:read"),
        channel: ChannelId | None = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE_SIZE,
    ) -> MessagePage:
        selection = Selection(state=State.DEAD, channel=channel)
        return MessagePage.of(await service.list(principal, selection, cursor=cursor, limit=limit))

    @router.post(
        "/dead-letters/redrive",
        summary="Send up to a hundred dead letters again.",
        responses=problem_responses(BadRequest),
    )
    async def redrive_dead_letters(
        body: RedriveIn, principal: Principal = require("hub:write")
    ) -> RedriveOut:
        return RedriveOut(redriven=await service.redrive_all(principal, channel=body.channel))

    @router.post(
        "/dead-letters/{message_id}/redrive",
        status_code=202,
        summary="Send one dead letter again.",
        responses=problem_responses(BadRequest, NoSuchMessage, NotDead),
    )
    async def redrive_dead_letter(
        message_id: MessageId, principal: Principal = require("hub:write")
    ) -> MessageDetail:
        return MessageDetail.of(await service.redrive(principal, message_id))


def _add_channels(router: APIRouter, service: HubService) -> None:
    @router.get("/channels", summary="List the channels.")
    async def list_channels(_: Principal = require("hub:read")) -> ChannelsOut:
        return ChannelsOut(channels=[ChannelOut.of(channel) for channel in service.channels()])

    @router.get(
        "/channels/{channel_id}/health",
        summary="Ask a channel how it is.",
        responses=problem_responses(NoSuchChannel),
    )
    async def check_channel(channel_id: ChannelPath, _: Principal = require("hub:read")) -> ChannelHealthOut:
        return ChannelHealthOut.of(channel_id, await service.channel_health(channel_id))

    @router.post(
        "/channels/{channel_id}/test",
        summary="Deliver one test message at once and say how it went.",
        responses=problem_responses(BadRequest, NoSuchChannel, RecipientRefused),
    )
    async def try_channel(
        channel_id: ChannelPath, body: TestIn, principal: Principal = require("hub:write")
    ) -> TestOut:
        return TestOut.of(await service.try_channel(principal, channel_id, body.to))
