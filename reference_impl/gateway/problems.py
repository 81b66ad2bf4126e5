"""Turns every failure into a problem document, whoever raised it."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.gateway.exchange import Exchange, exchange_of
from reference_impl.kit import problem as problems
from reference_impl.kit.problem import MEDIA_TYPE, FieldError, InternalError, Problem
from reference_impl.kit.telemetry import redact

_log = logging.getLogger(__name__)
AllowedMethods = Callable[[str], Sequence[str]]
DocumentPolicy = Callable[[Problem, BaseException | None, dict[str, object]], dict[str, object]]
_BY_STATUS: Mapping[int, type[Problem]] = {
    400: problems.BadRequest,
    404: problems.NotFound,
    406: problems.NotAcceptable,
    409: problems.Conflict,
    413: problems.PayloadTooLarge,
    415: problems.UnsupportedMedia,
    422: problems.Unprocessable,
}


def plain_document(
    _problem: Problem, _cause: BaseException | None, document: dict[str, object]
) -> dict[str, object]:
    """Send the document as it is: nothing of the cause leaves the process."""
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRenderer:
    """Writes problems for one deployment."""

    public_url: str
    policy: DocumentPolicy = plain_document

    def render(
        self, problem: Problem, exchange: Exchange, cause: BaseException | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        document = problem.document(
            public_url=self.public_url, instance=exchange.path, request_id=exchange.request_id
        )
        body = json.dumps(self.policy(problem, cause, document), default=str).encode()
        headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store", **problem.headers}
        return problem.status, headers, body

    def response(self, problem: Problem, request: Request, cause: BaseException | None = None) -> Response:
        status, headers, body = self.render(problem, exchange_of(request.scope), cause)
        return Response(content=body, status_code=status, headers=headers)


def internal_error(error: BaseException) -> InternalError:
    """Log the cause and return a problem that keeps it to ourselves."""
    _log.error("unhandled error", exc_info=error)
    return InternalError("The request failed on our side. The log has the details under the request id.")


def install(api: FastAPI, renderer: ProblemRenderer, allowed: AllowedMethods) -> None:
    """Make the framework's own errors problems, too."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return renderer.response(error, request)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return renderer.response(validation_problem(request, error.errors()), request)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return renderer.response(http_problem(request, error, allowed), request)

    async def on_anything(request: Request, error: Exception) -> Response:
        return renderer.response(internal_error(error), request, error)

    api.add_exception_handler(Problem, on_problem)
    api.add_exception_handler(RequestValidationError, on_validation)
    api.add_exception_handler(HTTPException, on_http)
    api.add_exception_handler(Exception, on_anything)


def http_problem(request: Request, error: HTTPException, allowed: AllowedMethods) -> Problem:
    """The problem for an error of the framework itself."""
    exchange = exchange_of(request.scope)
    if exchange.body_problem is not None:
        return exchange.body_problem
    if error.status_code == 405:
        return method_not_allowed(exchange.method, allowed(request.scope["path"]))
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        return internal_error(error)
    if kind is problems.NotFound:
        return kind("No resource has this path.")
    return kind(str(redact(error.detail)), headers=dict(error.headers or {}))


def method_not_allowed(method: str, allowed: Sequence[str]) -> Problem:
    names = ", ".join(allowed)
    return problems.MethodNotAllowed(
        f"{method} does not exist here. This resource knows {names}.", headers={"Allow": names}
    )


def _pointer(location: Sequence[object]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _field_error(error: Mapping[str, Any]) -> FieldError:
    place, *rest = error["loc"] or ("body",)
    return FieldError(pointer=_pointer(rest), detail=str(error["msg"]), location=str(place))


def validation_problem(request: Request, errors: Sequence[Mapping[str, Any]]) -> Problem:
    """What is wrong with which member; a body of another media type is a 415, an unreadable one a 400."""
    if any(error["type"] == "json_invalid" for error in errors):
        return problems.BadRequest("The body is not JSON.")
    if _is_foreign_media(request, errors):
        return problems.UnsupportedMedia("Send the body as application/json.")
    return problems.Unprocessable(
        "Some members of the request are not valid; see errors.",
        errors=tuple(_field_error(error) for error in errors),
    )


def _is_foreign_media(request: Request, errors: Sequence[Mapping[str, Any]]) -> bool:
    if not any(tuple(error["loc"]) == ("body",) for error in errors):
        return False
    if request.headers.get("content-length") in {None, "0"} and "transfer-encoding" not in request.headers:
        return False
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media != "application/json" and not media.endswith("+json")
