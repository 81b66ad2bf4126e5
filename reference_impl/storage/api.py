"""Storage over HTTP."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response

from reference_impl.kit.access import Principal, require
from reference_impl.kit.paging import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, UnknownCursor
from reference_impl.kit.problem import BadRequest, PreconditionFailed, problem_responses
from reference_impl.storage.digests import format_digest, named_digests
from reference_impl.storage.errors import DigestMismatch, NoSuchObject, ObjectTooLarge
from reference_impl.storage.models import Conditions, Entry
from reference_impl.storage.schemas import ObjectOut, ObjectPage
from reference_impl.storage.service import StorageService

_KEY = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
_PREFIX = r"^[A-Za-z0-9._-]*$"
_TOKEN = "[A-Za-z0-9!#$&^_.+-]{1,60}"  # noqa: S105 - a token of the HTTP grammar
_MEDIA_TYPE = re.compile(rf"{_TOKEN}/{_TOKEN}(; ?charset=[A-Za-z0-9-]{{1,30}})?")
_OCTETS = "application/octet-stream"
Key = Annotated[str, Path(pattern=_KEY, description="The object's key.", examples=["report-2026-11.txt"])]
_TAGS = r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'
Tag = Annotated[str | None, Header(max_length=1000, pattern=_TAGS, description="Entity tags, or *.")]
_BINARY: Mapping[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_CONTENT: Mapping[str, Any] = {
    "required": False,
    "description": "The bytes; without a body the object is empty.",
    "content": {_OCTETS: {**_BINARY, "example": "bytes"}},
}
_TAGGED: Mapping[str, Any] = {
    "ETag": {"description": "The object's strong entity tag.", "schema": {"type": "string"}},
    "Repr-Digest": {"description": "The content's sha-256 (RFC 9530).", "schema": {"type": "string"}},
}


def build(service: StorageService) -> APIRouter:
    """The routes of storage."""
    router = APIRouter(prefix="/api/storage", tags=["storage"])
    _add_writes(router, service)
    _add_reads(router, service)
    return router


def _add_writes(router: APIRouter, service: StorageService) -> None:
    @router.put(
        "/objects/{key}",
        summary="Store an object; with If-None-Match: * only when there is none.",
        responses={
            200: {"description": "Replaced.", "headers": _TAGGED},
            201: {"description": "Created.", "model": ObjectOut, "headers": _TAGGED},
            **problem_responses(BadRequest, PreconditionFailed, ObjectTooLarge, DigestMismatch),
        },
        openapi_extra={"requestBody": _CONTENT},
    )
    async def put_object(
        key: Key,
        request: Request,
        response: Response,
        *,
        principal: Principal = require("storage:write"),
        if_match: Tag = None,
        if_none_match: Tag = None,
    ) -> ObjectOut:
        written = await service.put(
            principal,
            key,
            request.stream(),
            content_type=_content_type(request),
            conditions=Conditions(if_match=if_match, if_none_match=if_none_match),
            digests=named_digests(request.headers),
        )
        response.status_code = 201 if written.is_new else 200
        response.headers.update(_tags(written.entry))
        return ObjectOut.of(written.entry)

    @router.delete(
        "/objects/{key}",
        status_code=204,
        summary="Delete an object.",
        responses=problem_responses(NoSuchObject, PreconditionFailed),
    )
    async def delete_object(
        key: Key, *, principal: Principal = require("storage:write"), if_match: Tag = None
    ) -> None:
        await service.delete(principal, key, Conditions(if_match=if_match))


def _add_reads(router: APIRouter, service: StorageService) -> None:
    @router.get(
        "/objects/{key}",
        summary="Read an object.",
        response_class=Response,
        responses={
            200: {"description": "The bytes.", "content": {"*/*": _BINARY}, "headers": _TAGGED},
            **problem_responses(NoSuchObject),
        },
    )
    async def get_object(key: Key, principal: Principal = require("storage:read")) -> Response:
        entry, content = await service.get(principal, key)
        # A browser must never run what somebody uploaded as a page of ours.
        safety = {
            "Content-Disposition": "attachment",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        # As a header, because a media type given to the class would get a charset that nobody stated.
        return Response(content, headers={"Content-Type": entry.content_type} | safety | _tags(entry))

    @router.get("/objects", summary="List objects by key.", responses=problem_responses(UnknownCursor))
    async def list_objects(
        *,
        principal: Principal = require("storage:read"),
        prefix: Annotated[str, Query(pattern=_PREFIX, max_length=128)] = "",
        cursor: Annotated[str | None, Query(max_length=1024)] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = DEFAULT_PAGE_SIZE,
    ) -> ObjectPage:
        return ObjectPage.of(await service.list(principal, prefix=prefix, cursor=cursor, limit=limit))


def _content_type(request: Request) -> str:
    given = request.headers.get("content-type", _OCTETS)
    return given if _MEDIA_TYPE.fullmatch(given) else _OCTETS


def _tags(entry: Entry) -> dict[str, str]:
    return {"ETag": entry.etag, "Repr-Digest": format_digest(entry.digest)}
