"""The breaker service over HTTP; the status has two versions."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse

from reference_impl.breakers.errors import BreakerExists, EventsUnavailable, NoSuchAlert, NoSuchBreaker
from reference_impl.breakers.events import EventFeed
from reference_impl.breakers.schemas import (
    AlertOut,
    AlertPage,
    BreakerIn,
    BreakerOut,
    BreakerPage,
    BreakerPatch,
    HealthOut,
    MonitoringIn,
    MonitoringOut,
    ResetOut,
    StatusV1,
    StatusV2,
)
from reference_impl.breakers.service import BreakerService
from reference_impl.kit.access import Principal, require
from reference_impl.kit.paging import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from reference_impl.kit.problem import BadRequest, PreconditionFailed, PreconditionRequired, problem_responses
from reference_impl.kit.versioning import ApiVersion, requested_version

_PREFIX = "/api/circuit-breakers"
BreakerId = Annotated[
    str,
    Path(
        pattern=r"^(brk_[0-9A-HJKMNP-TV-Z]{26}|[a-z][a-z0-9.-]{0,62})$",
        description="The breaker's id, or its name.",
        examples=["search.brave"],
    ),
]
AlertId = Annotated[
    str,
    Path(
        pattern=r"^alt_[0-9A-HJKMNP-TV-Z]{26}$",
        description="The alert's id.",
        examples=["alt_01JDQ4M8K7N2P3R5S6T8V9W0XZ"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="At most this many items.")]
Cursor = Annotated[str | None, Query(max_length=1024, description="Where the page before this one ended.")]
IfMatch = Annotated[
    str | None,
    Header(
        max_length=1000,
        pattern=r"^[!-~ ]*$",
        description="The ETag of the breaker that you change; without it, 428.",
    ),
]
Acknowledged = Annotated[bool | None, Query(description="Only those that somebody has seen, or has not.")]
LastEventId = Annotated[
    str | None, Header(pattern=r"^[0-9]{1,15}-[0-9]{1,10}$", description="The last event that you have.")
]
Seconds = Annotated[int, Query(ge=1, le=30, description="The stream ends after this time; come back then.")]


def build(service: BreakerService, feed: EventFeed) -> APIRouter:
    """The routes of the breaker service."""
    router = APIRouter(prefix=_PREFIX, tags=["breakers"])
    _add_overview(router, service, feed)
    _add_breakers(router, service)
    _add_commands(router, service)
    _add_alerts(router, service)
    _add_monitoring(router, service)
    return router


def _add_overview(router: APIRouter, service: BreakerService, feed: EventFeed) -> None:
    @router.get("/status", summary="Show the state of every breaker.")
    async def breaker_status(
        _: Principal = require("breakers:read"), version: ApiVersion = requested_version()
    ) -> StatusV1 | StatusV2:
        views = await service.status()
        return StatusV1.of(views) if version is ApiVersion.V1 else StatusV2.of(views)

    @router.get("/health", summary="Assess all breakers together and recommend what to do.")
    async def breaker_health(_: Principal = require("breakers:read")) -> HealthOut:
        return HealthOut.of(await service.health())

    @router.get(
        "/events",
        summary="Stream changes of state as server-sent events.",
        response_class=StreamingResponse,
        responses={
            200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
            **problem_responses(EventsUnavailable),
        },
    )
    async def stream_breaker_events(
        _: Principal = require("breakers:read"),
        last_event_id: LastEventId = None,
        seconds: Seconds = 5,
    ) -> StreamingResponse:
        events = await feed.start(last_event_id, seconds)
        return StreamingResponse(events, media_type="text/event-stream")


def _add_breakers(router: APIRouter, service: BreakerService) -> None:
    @router.get("/breakers", summary="List the configured breakers.", responses=problem_responses(BadRequest))
    async def list_breakers(
        _: Principal = require("breakers:read"), cursor: Cursor = None, limit: Limit = DEFAULT_PAGE_SIZE
    ) -> BreakerPage:
        return BreakerPage.of(await service.page(cursor=cursor, limit=limit))

    @router.post(
        "/breakers",
        status_code=201,
        summary="Configure a breaker.",
        responses=problem_responses(BadRequest, BreakerExists),
    )
    async def create_breaker(
        body: BreakerIn, response: Response, principal: Principal = require("breakers:write")
    ) -> BreakerOut:
        made = BreakerOut.of(await service.create(principal, body.name, body.settings.given()))
        response.headers["Location"] = f"{_PREFIX}/breakers/{made.id}"
        response.headers["ETag"] = made.etag
        return made

    @router.get(
        "/breakers/{breaker_id}", summary="Read a breaker.", responses=problem_responses(NoSuchBreaker)
    )
    async def get_breaker(
        breaker_id: BreakerId, response: Response, _: Principal = require("breakers:read")
    ) -> BreakerOut:
        found = BreakerOut.of(await service.get(breaker_id))
        response.headers["ETag"] = found.etag
        return found

    @router.patch(
        "/breakers/{breaker_id}",
        summary="Change some settings of a breaker.",
        responses=problem_responses(BadRequest, NoSuchBreaker, PreconditionFailed, PreconditionRequired),
    )
    async def change_breaker(
        breaker_id: BreakerId,
        body: BreakerPatch,
        response: Response,
        if_match: IfMatch = None,
        _: Principal = require("breakers:write"),
    ) -> BreakerOut:
        changed = BreakerOut.of(await service.change(breaker_id, body.settings.given(), if_match=if_match))
        response.headers["ETag"] = changed.etag
        return changed


def _add_commands(router: APIRouter, service: BreakerService) -> None:
    @router.post(
        "/breakers/{breaker_id}/reset",
        summary="Close a breaker and forget what it counted.",
        responses=problem_responses(NoSuchBreaker),
    )
    async def reset_breaker(breaker_id: BreakerId, _: Principal = require("breakers:write")) -> BreakerOut:
        return BreakerOut.of(await service.reset(breaker_id))

    @router.post(
        "/breakers/{breaker_id}/trip",
        summary="Open a breaker for its cooldown.",
        responses=problem_responses(NoSuchBreaker),
    )
    async def trip_breaker(breaker_id: BreakerId, _: Principal = require("breakers:write")) -> BreakerOut:
        return BreakerOut.of(await service.trip(breaker_id))

    @router.post("/reset", summary="Close every breaker.")
    async def reset_breakers(_: Principal = require("breakers:write")) -> ResetOut:
        return ResetOut(reset=await service.reset_all())


def _add_alerts(router: APIRouter, service: BreakerService) -> None:
    @router.get("/alerts", summary="List alerts, the newest first.", responses=problem_responses(BadRequest))
    async def list_breaker_alerts(
        _: Principal = require("breakers:read"),
        acknowledged: Acknowledged = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_PAGE_SIZE,
    ) -> AlertPage:
        return AlertPage.of(await service.alerts(cursor=cursor, limit=limit, acknowledged=acknowledged))

    @router.post(
        "/alerts/{alert_id}/acknowledge",
        summary="Note that you have seen an alert; the first to do so stays on record.",
        responses=problem_responses(NoSuchAlert),
    )
    async def acknowledge_breaker_alert(
        alert_id: AlertId, principal: Principal = require("breakers:write")
    ) -> AlertOut:
        return AlertOut.of(await service.acknowledge(principal, alert_id))


def _add_monitoring(router: APIRouter, service: BreakerService) -> None:
    @router.get("/monitoring", summary="Tell whether breakers are looked at regularly.")
    async def get_monitoring(_: Principal = require("breakers:read")) -> MonitoringOut:
        return MonitoringOut.of(await service.monitoring())

    @router.post(
        "/monitoring/start",
        summary="Look at breakers regularly and raise alerts early.",
        responses=problem_responses(BadRequest),
    )
    async def start_monitoring(
        body: MonitoringIn = MonitoringIn(), principal: Principal = require("breakers:write")
    ) -> MonitoringOut:
        return MonitoringOut.of(await service.start_monitoring(principal, body.interval_seconds))

    @router.post("/monitoring/stop", summary="Stop looking at breakers regularly.")
    async def stop_monitoring(principal: Principal = require("breakers:write")) -> MonitoringOut:
        return MonitoringOut.of(await service.stop_monitoring(principal))
