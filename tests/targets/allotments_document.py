"""The OpenAPI document of the allotments."""

from collections.abc import Mapping, Sequence
from typing import Any

LARGEST_PAGE = 5
_TEXT = {"type": "string", "minLength": 1}


def _object(required: Sequence[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


_CREDENTIALS = _object(("email", "password"), email={"type": "string", "format": "email"}, password=_TEXT)
_ADDRESS = _object(("email",), email={"type": "string", "format": "email"})
_STATE = {"type": "string", "enum": ["sown", "harvested"]}
_BED = _object(("title", "size"), title=_TEXT, size={"type": "integer", "minimum": 1, "maximum": 20})
_CHANGE = _object((), title=_TEXT, state=_STATE)
_PLANT = _object(("label",), label=_TEXT)
_ME = _object((), role={"type": "string", "enum": ["gardener", "warden"]})
_NICKNAME = _object((), nickname=_TEXT)


def _path(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _operation(
    status: str,
    body: Mapping[str, Any] | None = None,
    shown: Mapping[str, Any] | None = None,
    parameters: Sequence[Mapping[str, Any]] = (),
    *,
    is_open: bool = False,
) -> dict[str, Any]:
    answer = {"description": "Well.", "content": {"application/json": {"schema": shown or {}}}}
    operation: dict[str, Any] = {"responses": {status: answer}, "parameters": list(parameters)}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    if not is_open:
        operation["security"] = [{"bearer": []}]
    return operation


_PAGING = (
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}},
    {"name": "after", "in": "query", "schema": {"type": "string"}},
)
DOCUMENT: Mapping[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "allotments", "version": "1"},
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/register": {"post": _operation("202", _CREDENTIALS, is_open=True)},
        "/login": {"post": _operation("200", _CREDENTIALS, is_open=True)},
        "/forgot-password": {"post": _operation("202", _ADDRESS, is_open=True)},
        "/me": {"get": _operation("200", shown=_ME), "patch": _operation("200", _NICKNAME, _ME)},
        "/search": {
            "get": _operation(
                "200",
                parameters=[{"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}],
            )
        },
        "/beds": {"get": _operation("200", parameters=_PAGING), "post": _operation("201", _BED)},
        "/beds/{bed_id}": {
            "get": _operation("200", parameters=_path("bed_id")),
            "patch": _operation("200", _CHANGE, parameters=_path("bed_id")),
            "delete": _operation("204", parameters=_path("bed_id")),
        },
        "/beds/{bed_id}/plants": {
            "get": _operation("200", parameters=_path("bed_id")),
            "post": _operation("201", _PLANT, parameters=_path("bed_id")),
        },
        "/beds/{bed_id}/plants/{plant_id}": {
            "get": _operation("200", parameters=_path("bed_id", "plant_id")),
            "delete": _operation("204", parameters=_path("bed_id", "plant_id")),
        },
        "/plants/{plant_id}": {"get": _operation("200", parameters=_path("plant_id"))},
    },
}
