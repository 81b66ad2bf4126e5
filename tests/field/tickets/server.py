"""A help desk: Litestar with its own OpenAPI 3.1 document, opaque session tokens, all in memory."""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import uvicorn
from desk import BEARER, Caller, caller, refusals, rules, store, ticket_of
from finishing import Finish
from litestar import Litestar, Response, Router, delete, get, patch, post
from litestar.config.app import AppConfig
from litestar.enums import RequestEncodingType
from litestar.exceptions import (
    ClientException,
    HTTPException,
    NotFoundException,
    PermissionDeniedException,
    ValidationException,
)
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import Body, Parameter
from litestar.response import Response as AnyResponse
from litestar.types import ASGIApp
from msgspec import to_builtins
from outside import send_event
from passwords import hashed
from people import HANDLERS as PEOPLE
from rules import LARGEST_FILE, LARGEST_PAGE, Attachment, Comment, Ticket, User
from shapes import (
    PRIORITIES,
    AssignIn,
    AttachmentIn,
    AttachmentOut,
    CommentIn,
    CommentOut,
    HealthOut,
    HookIn,
    HookOut,
    Number,
    TicketIn,
    TicketOut,
    TicketPage,
    TicketPatch,
)

TEMPLATES = Path(tempfile.mkdtemp(prefix="tickets-templates-"))
(TEMPLATES / "greeting.txt").write_text("Hello, thank you for writing to us.\n", encoding="utf-8")
(TEMPLATES / "closing.txt").write_text("We close this ticket now.\n", encoding="utf-8")


@get("/tickets", responses=refusals(401), security=BEARER)
async def list_tickets(
    request: Caller,
    status: Literal["open", "closed"] | None = None,
    after: Annotated[int, Parameter(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Parameter(ge=1, le=5000, description="More than 40 are never given.")] = 20,
) -> Response[TicketPage]:
    """My tickets; agents see everybody's."""
    user = caller(request)
    mine = [
        item
        for item in store.tickets
        if rules.is_there(item) and (user.role == "agent" or item.owner is user)
    ]
    chosen = [item for item in mine if status is None or item.status == status]
    page, following = rules.page(chosen, after, rules.page_size(limit))
    return Response({"items": [rules.ticket_out(item) for item in page], "next_after": following})  # type: ignore[arg-type, return-value]


@post("/tickets", responses=refusals(401), security=BEARER)
async def create_ticket(request: Caller, data: TicketIn) -> Response[TicketOut]:
    """Ask for help."""
    user = caller(request)
    if not rules.is_priority(data.priority):
        raise ValidationException("priority is low, normal or high")
    ticket = Ticket(
        owner=user,
        number=len(store.tickets) + 1,
        subject=data.subject,
        body=data.body,
        priority=data.priority,
    )
    store.tickets.append(ticket)
    headers = {"Location": f"/v2/tickets/{ticket.number}", "ETag": rules.etag(ticket)}
    return Response(rules.ticket_out(ticket), headers=headers, status_code=rules.created_status())  # type: ignore[arg-type, return-value]


@get("/tickets/{number:int}", responses=refusals(401, 404), security=BEARER)
async def read_ticket(
    request: Caller,
    number: Number,
    if_none_match: Annotated[str, Parameter(header="If-None-Match", max_length=200, required=False)] = "",
) -> Response[TicketOut]:
    """One ticket."""
    user, ticket = caller(request), ticket_of(number)
    if not rules.may_see(user, ticket):
        raise NotFoundException("There is no such ticket")
    headers = {"ETag": rules.etag(ticket)}
    if rules.is_unchanged(if_none_match, ticket):
        return Response(None, status_code=304, headers=headers)  # type: ignore[return-value, arg-type]
    return Response(rules.ticket_out(ticket), headers=headers)  # type: ignore[arg-type, return-value]


@patch("/tickets/{number:int}", responses=refusals(401, 403, 404, 409, 412), security=BEARER)
async def change_ticket(
    request: Caller,
    number: Number,
    data: TicketPatch,
    if_match: Annotated[str, Parameter(header="If-Match", max_length=200, required=False)] = "",
) -> Response[TicketOut]:
    """Change a ticket."""
    user, ticket = caller(request), ticket_of(number)
    if not rules.may_change(user, ticket):
        raise NotFoundException("There is no such ticket")
    if rules.is_stale(if_match, ticket):
        raise HTTPException("The ticket has changed since you read it", status_code=412)
    values: dict[str, Any] = to_builtins(data)
    if set(values) - rules.settable(user):
        raise PermissionDeniedException("Only agents change the status")
    if not rules.is_priority(values.get("priority", "low")):
        raise ValidationException("priority is low, normal or high")
    if refusal := rules.change(ticket, values):
        raise HTTPException(refusal, status_code=409)
    return Response(rules.ticket_out(ticket), headers={"ETag": rules.etag(ticket)})  # type: ignore[arg-type, return-value]


@delete("/tickets/{number:int}", responses=refusals(401, 404), security=BEARER)
async def remove_ticket(request: Caller, number: Number) -> None:
    """Take a ticket back."""
    user, ticket = caller(request), ticket_of(number)
    if not rules.may_delete(user, ticket):
        raise NotFoundException("There is no such ticket")
    ticket.deleted = True


@post("/tickets/{number:int}/assignee", status_code=200, responses=refusals(401, 403, 404), security=BEARER)
async def assign(request: Caller, number: Number, data: AssignIn) -> Response[TicketOut]:
    """Give a ticket to an agent."""
    caller(request, "assign")
    ticket = ticket_of(number)
    ticket.assignee = data.assignee
    ticket.version += 1
    return Response(rules.ticket_out(ticket), status_code=200)  # type: ignore[arg-type, return-value]


@get("/tickets/{number:int}/comments", responses=refusals(401, 404), security=BEARER)
async def list_comments(request: Caller, number: Number) -> list[CommentOut]:
    """What was said."""
    user, ticket = caller(request), ticket_of(number)
    if not rules.may_see(user, ticket):
        raise NotFoundException("There is no such ticket")
    return [comment_out(item) for item in rules.comments_for(user, ticket)]


@post("/tickets/{number:int}/comments", responses=refusals(401, 404), security=BEARER)
async def add_comment(request: Caller, number: Number, data: CommentIn) -> CommentOut:
    """Say something."""
    user, ticket = caller(request), ticket_of(number)
    if not rules.may_see(user, ticket):
        raise NotFoundException("There is no such ticket")
    comment = Comment(author=user, text=data.text, internal=data.seen_by == "agents" and user.role == "agent")
    ticket.comments.append(comment)
    return comment_out(comment)


def comment_out(comment: Comment) -> CommentOut:
    """Return a comment as it is shown."""
    seen_by: Literal["everybody", "agents"] = "agents" if comment.internal else "everybody"
    return CommentOut(author=comment.author.username, text=comment.text, seen_by=seen_by)


@post(
    "/tickets/{number:int}/attachments",
    responses=refusals(401, 404, 413),
    security=BEARER,
    request_max_body_size=4 * LARGEST_FILE,
)
async def attach(
    request: Caller,
    number: Number,
    data: Annotated[AttachmentIn, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> AttachmentOut:
    """Add a file of at most 100 kB."""
    user, ticket = caller(request), ticket_of(number)
    if not rules.may_change(user, ticket):
        raise NotFoundException("There is no such ticket")
    name, content = data.file.filename, await data.file.read()
    if not rules.is_attachment(name, content):
        raise ClientException("A file has a plain name and at most 100 kB")
    made = Attachment(ticket=ticket, name=name, media_type="application/octet-stream", content=content)
    store.attachments[made.id] = made
    return AttachmentOut(id=made.id, name=made.name, kind=await rules.describe(made), size=len(content))


@get(
    "/attachments/{attachment_id:str}",
    responses=refusals(401, 404),
    security=BEARER,
    media_type="application/octet-stream",
)
async def read_attachment(
    request: Caller, attachment_id: Annotated[str, Parameter(max_length=40)]
) -> AnyResponse[bytes]:
    """A file."""
    user, found = caller(request), store.attachments.get(attachment_id)
    if found is None or not rules.may_see_file(user, found):
        raise NotFoundException("There is no such file")
    return AnyResponse(found.content, media_type="application/octet-stream", headers=rules.inline(found))


@get("/search", responses=refusals(401), security=BEARER)
async def search(
    request: Caller, q: Annotated[str, Parameter(min_length=1, max_length=80)]
) -> Response[list[TicketOut]]:
    """My tickets with these words."""
    user = caller(request)
    mine = [item for item in store.tickets if rules.is_there(item) and rules.may_see(user, item)]
    found = rules.search(mine, q)[: rules.page_size(LARGEST_PAGE)]
    return Response([rules.ticket_out(item) for item in found])  # type: ignore[arg-type, return-value, misc]


@get("/templates", responses=refusals(401, 403, 404), security=BEARER, media_type="text/plain")
async def read_template(
    request: Caller, name: Annotated[str, Parameter(min_length=1, max_length=100)]
) -> AnyResponse[str]:
    """A prepared answer by its name."""
    caller(request, "read_template")
    found = rules.template(name, TEMPLATES)
    if found is None or not found.is_file():
        raise NotFoundException("There is no such template")
    return AnyResponse(found.read_text(encoding="utf-8"), media_type="text/plain")


@post("/hooks/test", status_code=200, responses=refusals(401, 403), security=BEARER)
async def test_hook(request: Caller, data: HookIn) -> HookOut:
    """Send a test event to a webhook and say what came back."""
    caller(request, "test_hook")
    if not rules.may_call(data.url):
        raise ClientException("That address may not be called")
    try:
        return HookOut(status=await asyncio.to_thread(send_event, data.url))
    except (OSError, ValueError):
        raise ClientException("Nobody answered there") from None


@get("/health")
async def health() -> Response[HealthOut]:
    """Whether the service works."""
    return Response(rules.health())  # type: ignore[arg-type, return-value]


@get("/metrics", media_type="text/plain")
async def metrics() -> str:
    """Counters for Prometheus."""
    counted = sorted(store.requests.items())
    lines = [f'tickets_requests_total{{status="{status}"}} {number}' for status, number in counted]
    return "\n".join(["# TYPE tickets_requests_total counter", *lines, ""])


def refused(request: Caller, error: Exception) -> AnyResponse[Any]:
    """Say why in one shape, and nothing of what happened inside."""
    status = 400 if isinstance(error, RecursionError) else getattr(error, "status_code", 500)
    extra = getattr(error, "extra", None)
    detail = str(getattr(error, "detail", "")) if status < 500 else "Something went wrong"
    places = (
        "; ".join(f"{item.get('key', '')}: {item.get('message', '')}" for item in extra)
        if isinstance(extra, list)
        else ""
    )
    headers = dict(getattr(error, "headers", None) or {})
    body = rules.error_body(status, f"{detail}: {places}" if places else detail)
    return AnyResponse(body, status_code=status, headers=headers, media_type="application/json")


def make_app() -> ASGIApp:
    """Return the application with one agent in it."""
    username, password = os.environ["AGENT_USERNAME"], os.environ["AGENT_PASSWORD"]
    store.users[username] = User(username=username, password=hashed(password), role="agent")
    v2 = Router(
        path="/v2",
        route_handlers=[
            *PEOPLE,
            list_tickets,
            create_ticket,
            read_ticket,
            change_ticket,
            remove_ticket,
            assign,
            list_comments,
            add_comment,
            attach,
            read_attachment,
            search,
            read_template,
            test_hook,
        ],
    )
    openapi = OpenAPIConfig(
        title="Tickets",
        version="2.3.0",
        description="A help desk.",
        components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
    )
    config = AppConfig(route_handlers=[v2, health, metrics, *rules.extra_handlers()], openapi_config=openapi)
    app = Litestar(
        route_handlers=config.route_handlers,
        openapi_config=openapi,
        exception_handlers={Exception: refused},
        debug=False,
    )
    for name in ("TicketIn", "TicketPatch"):  # the rule decides, the document only tells
        priority = app.openapi_schema.components.schemas[name].properties["priority"]
        priority.enum = PRIORITIES
    return Finish(app, rules)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(
        make_app(), host="127.0.0.1", port=parser.parse_args().port, log_level="warning", server_header=False
    )  # type: ignore[arg-type]
