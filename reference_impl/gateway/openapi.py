"""The published OpenAPI 3.1 document, made from the routes that exist."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from reference_impl.gateway import idempotency
from reference_impl.gateway.examples import example_of
from reference_impl.kit import problem as problems
from reference_impl.kit.composition import Mount
from reference_impl.kit.problem import MEDIA_TYPE, Problem, problem_schema

TITLE = "CORE reference services"
VERSION = "2.0.0"
_DESCRIPTION = (
    "Authentication, circuit breakers, search, a communication hub, chapter extraction and object storage "
    "behind one gateway. Errors are problem details (RFC 9457). Paths answer in the newest stable version; "
    "`API-Version: 1` or the prefix `/v1` asks for the older one. A POST that creates accepts an "
    "`Idempotency-Key` header: repeated with the same key and body it answers the same and acts once."
)
_PARAMETER = {
    "query": "The `{}` to select by.",
    "path": "The `{}` of the resource.",
    "header": "The `{}` header.",
    "cookie": "The `{}` cookie.",
}
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_EVERYWHERE: tuple[type[Problem], ...] = (
    problems.BadRequest,
    problems.MethodNotAllowed,
    problems.Unprocessable,
    problems.TooManyRequests,
    problems.InternalError,
    problems.Unavailable,
)
_SECURED: tuple[type[Problem], ...] = (problems.Unauthorized, problems.Forbidden)
_WITH_BODY: tuple[type[Problem], ...] = (
    problems.RequestTimeout,
    problems.PayloadTooLarge,
    problems.UnsupportedMedia,
    problems.Unprocessable,
)
_ELSEWHERE: tuple[type[Problem], ...] = (
    problems.NotFound,
    problems.NotAcceptable,
    problems.Conflict,
    problems.Gone,
    problems.PreconditionFailed,
    problems.PreconditionRequired,
    problems.BadGateway,
)
_BY_STATUS = {kind.status: kind for kind in (*_EVERYWHERE, *_SECURED, *_WITH_BODY, *_ELSEWHERE)}


def as_generated(made: dict[str, Any]) -> dict[str, Any]:
    """Publish the document that the routes make."""
    return made


def operation_id(route: APIRoute) -> str:
    """The handler's name in camel case; operations are unique, so their handlers' names are."""
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def document(
    api: FastAPI, *, public_url: str, contact_email: str, tags: Mapping[str, str], mounts: Sequence[Mount]
) -> dict[str, Any]:
    """Generate the document and complete what the framework leaves open."""
    made = get_openapi(
        title=TITLE,
        version=VERSION,
        openapi_version="3.1.0",
        description=_DESCRIPTION,
        routes=api.routes,
        tags=[{"name": name, "description": text} for name, text in sorted(tags.items())],
        servers=[{"url": public_url, "description": "This deployment."}],
        contact={
            "name": "Operators of this deployment",
            "url": f"{public_url}/health/ready",
            "email": contact_email,
        },
        license_info={"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    )
    for mount in mounts:
        for path, item in mount.document.items():
            made["paths"][path] = dict(item)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = problem_schema()
    for path, method, operation in operations(made):
        _complete(path, method, operation, schemas)
    used = {name for _, _, operation in operations(made) for name in operation.get("tags", ())}
    made["tags"] = [tag for tag in made["tags"] if tag["name"] in used]
    made["components"]["responses"] = _responses(made)
    return made


def operations(made: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in made["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _complete(path: str, method: str, operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    operation.setdefault("summary", operation["operationId"])
    operation["description"] = operation.get("description") or operation["summary"]
    if method == "post" and {"201", "202"} & set(operation["responses"]):
        operation.setdefault("parameters", []).append(idempotency.parameter())
    responses = operation["responses"]
    for kind in _documented(path, operation):
        responses.setdefault(str(kind.status), {})
    for status, response in responses.items():
        if status.isdigit() and int(status) >= 400:
            responses[status] = _error(int(status), response)
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
        parameter.setdefault("description", _PARAMETER[parameter["in"]].format(parameter["name"]))
        parameter["schema"] = _sendable(parameter["schema"])
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if "example" not in media and "examples" not in media:
            media["example"] = example_of(media["schema"], schemas)


def _sendable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter's schema without null: what is optional is left out, there is no way to send a null."""
    kept = [branch for branch in schema.get("anyOf", ()) if branch != {"type": "null"}]
    if not kept or len(kept) == len(schema["anyOf"]):
        return dict(schema)
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**kept[0], **rest} if len(kept) == 1 else {**rest, "anyOf": kept}


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter is there or it is not; on the wire it cannot be null."""
    choices = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) != 1:
        return dict(schema)
    return {name: value for name, value in schema.items() if name != "anyOf"} | dict(choices[0])


def _documented(path: str, operation: Mapping[str, Any]) -> Iterator[type[Problem]]:
    """The problems that this operation can answer whatever its handler does."""
    yield from _EVERYWHERE
    if operation.get("security"):
        yield from _SECURED
    if "requestBody" in operation:
        yield from _WITH_BODY
    if "{" in path or any(each["name"] == "cursor" for each in operation.get("parameters", ())):
        yield problems.NotFound
    if {"201", "202"} & set(operation["responses"]):
        yield problems.Conflict


def _error(status: int, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Point to the common response unless the operation says something of its own."""
    content = given.get("content", {})
    if any(media != MEDIA_TYPE and "HTTPValidationError" not in str(body) for media, body in content.items()):
        return given
    kind = _BY_STATUS[status]
    described = given.get("description", kind.title + ".")
    if described in {kind.title + ".", "Validation Error"}:
        return {"$ref": f"#/components/responses/{kind.__name__}"}
    return {**_response(kind), "description": described}


def _response(kind: type[Problem]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": kind.title + ".",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if kind.status in {429, 503}:
        made["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        }
    return made


def _responses(made: Mapping[str, Any]) -> dict[str, Any]:
    """The common responses that some operation points to."""
    text = str(made["paths"])
    return {
        kind.__name__: _response(kind)
        for kind in sorted(_BY_STATUS.values(), key=lambda kind: kind.status)
        if f"#/components/responses/{kind.__name__}'" in text
    }
