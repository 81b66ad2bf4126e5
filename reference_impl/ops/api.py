"""Health, metrics, the published document and, when it is on, control over HTTP."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.responses import JSONResponse

from reference_impl.gateway.versions import MIGRATION_NOTE
from reference_impl.kit.access import public
from reference_impl.kit.conditional import strong_etag
from reference_impl.kit.problem import NotFound, problem_responses
from reference_impl.kit.telemetry import Metrics
from reference_impl.ops.control import ControlService
from reference_impl.ops.documents import MIGRATION_TEXT, page
from reference_impl.ops.health import HealthService
from reference_impl.ops.models import Readiness
from reference_impl.ops.problems import explanation
from reference_impl.ops.schemas import (
    Action,
    ClockIn,
    ClockOut,
    ControlOut,
    DefectOut,
    DefectsOut,
    LiveOut,
    ReadyOut,
    StateChange,
)

_OPENMETRICS_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
Slug = Annotated[
    str,
    Path(pattern="^[a-z0-9-]{1,64}$", description="The last part of the type.", examples=["not-found"]),
]
Document = Callable[[], Mapping[str, Any]]


def build(health: HealthService, metrics: Metrics, document: Document, *, hardened: bool) -> APIRouter:
    """The routes for operators."""
    router = APIRouter(tags=["operations"], dependencies=[public()])
    _add_health(router, health)
    _add_documents(router, document, hardened=hardened)

    @router.get(
        "/metrics",
        summary="Show the metrics of this process in the Prometheus text format.",
        response_class=PlainTextResponse,
    )
    async def get_metrics() -> Response:
        return Response(content=metrics.render(), media_type=_OPENMETRICS_TEXT)

    return router


def _add_health(router: APIRouter, health: HealthService) -> None:
    @router.get("/health/live", summary="Say that the process runs.")
    async def get_liveness() -> LiveOut:
        return LiveOut(status="live")

    @router.get(
        "/health/ready",
        summary="Say whether requests can be served, with the state of every dependency.",
        response_model=ReadyOut,
        responses={503: {"model": ReadyOut, "description": "Nothing can be served now."}},
    )
    async def get_readiness() -> JSONResponse:
        report = await health.report()
        status = 503 if report.readiness is Readiness.UNAVAILABLE else 200
        return JSONResponse(ReadyOut.of(report).model_dump(mode="json"), status_code=status)


def _add_documents(router: APIRouter, document: Document, *, hardened: bool) -> None:
    @router.get(
        "/openapi.json",
        summary="Show this document.",
        response_class=JSONResponse,
        responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    )
    async def get_openapi_document() -> JSONResponse:
        answer = JSONResponse(document(), headers={"Cache-Control": "public, max-age=60"})
        answer.headers["ETag"] = strong_etag(bytes(answer.body).decode())
        return answer

    @router.get(
        MIGRATION_NOTE, summary="Tell how to move from version 1 to 2.", response_class=PlainTextResponse
    )
    async def get_migration_note() -> str:
        return MIGRATION_TEXT

    @router.get(
        "/problems/{slug}",
        summary="Explain a type of problem.",
        response_class=PlainTextResponse,
        responses=problem_responses(NotFound),
    )
    async def get_problem_type(slug: Slug) -> str:
        text = explanation(slug)
        if text is None:
            raise NotFound("No problem has this type.")
        return text

    if hardened:
        return

    @router.get("/docs", summary="Show the operations as a page.", response_class=HTMLResponse)
    async def get_docs() -> HTMLResponse:
        return HTMLResponse(page(document()), headers={"Content-Security-Policy": _PAGE_POLICY})


def build_control(control: ControlService) -> APIRouter:
    """The routes of contracts/control.openapi.yaml; never part of the published document."""
    router = APIRouter(prefix="/_control", include_in_schema=False, dependencies=[public()])

    @router.get("")
    async def describe_control() -> ControlOut:
        return ControlOut(
            states=list(control.states()),
            clock=ClockOut.of(control.clock()),
            defects=[DefectOut.of(each) for each in await control.defects()],
        )

    @router.post("/states")
    async def set_provider_state(change: StateChange) -> dict[str, Any]:
        if change.action is Action.TEARDOWN:
            return dict(await control.leave(change.state))
        return dict(await control.enter(change.state, change.params))

    @router.post("/clock")
    async def move_clock(move: ClockIn) -> ClockOut:
        return ClockOut.of(await control.advance(move.advance_seconds))

    @router.get("/defects")
    async def list_defects() -> DefectsOut:
        return DefectsOut(defects=[DefectOut.of(each) for each in await control.defects()])

    return router
