"""Search over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from reference_impl.kit.access import Principal, require
from reference_impl.kit.problem import BadRequest, problem_responses
from reference_impl.search import models
from reference_impl.search.models import Freshness, Kind
from reference_impl.search.schemas import SearchOut
from reference_impl.search.service import SearchService

Words = Annotated[
    str,
    Query(
        min_length=1,
        max_length=400,
        pattern=r"^[^\x00-\x1f]*[^\s\x00-\x1f][^\x00-\x1f]*$",
        description="What to look for.",
        examples=["circuit breakers"],
    ),
]
Count = Annotated[int, Query(ge=1, le=20, description="Results on a page.")]
Offset = Annotated[int, Query(ge=0, le=9, description="Which page, from 0.")]
Fresh = Annotated[Freshness | None, Query(description="At most a day, week, month or year old.")]


def build(service: SearchService) -> APIRouter:
    """The routes of search."""
    router = APIRouter(prefix="/api/search", tags=["search"])
    responses = problem_responses(BadRequest)

    @router.get("/web", summary="Search the web.", responses=responses)
    async def search_web(
        q: Words,
        *,
        principal: Principal = require("search:read"),  # noqa: ARG001 - the permission is what counts
        count: Count = 10,
        offset: Offset = 0,
        freshness: Fresh = None,
    ) -> SearchOut:
        asked = models.Query(kind=Kind.WEB, text=q, count=count, offset=offset, freshness=freshness)
        return SearchOut.of(await service.search(asked))

    @router.get("/news", summary="Search the news.", responses=responses)
    async def search_news(
        q: Words,
        *,
        principal: Principal = require("search:read"),  # noqa: ARG001 - the permission is what counts
        count: Count = 10,
        offset: Offset = 0,
        freshness: Fresh = None,
    ) -> SearchOut:
        asked = models.Query(kind=Kind.NEWS, text=q, count=count, offset=offset, freshness=freshness)
        return SearchOut.of(await service.search(asked))

    return router
