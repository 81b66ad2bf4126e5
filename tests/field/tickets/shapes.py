"""What goes in and out of the ticket service, as its document describes it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from litestar.datastructures import UploadFile
from litestar.params import Parameter
from msgspec import UNSET, Meta, Struct, UnsetType
from rules import LARGEST_PAGE

Words = Annotated[str, Meta(min_length=1, max_length=2000, examples=["The printer is on fire."])]
Subject = Annotated[str, Meta(min_length=1, max_length=120, examples=["Printer"])]
PRIORITIES = ["low", "normal", "high"]
Number = Annotated[int, Parameter(ge=1, le=2**31, description="The ticket's number.")]


class Credentials(Struct, kw_only=True):
    """A name and a password."""

    username: Annotated[str, Meta(min_length=3, max_length=80, examples=["ada@example.org"])]
    password: Annotated[str, Meta(min_length=12, max_length=128, examples=["correct horse battery"])]


class SessionOut(Struct, kw_only=True):
    """A sign-in."""

    token: str
    expires_in: int


class UserOut(Struct, kw_only=True):
    """A user."""

    id: str
    username: str
    role: Literal["customer", "agent"]


class TicketIn(Struct, kw_only=True):
    """A new ticket."""

    subject: Subject
    body: Words
    priority: str = "normal"


class TicketPatch(Struct, kw_only=True):
    """What changes; only agents change the status."""

    subject: Subject | UnsetType = UNSET
    body: Words | UnsetType = UNSET
    priority: str | UnsetType = UNSET
    status: Literal["open", "closed"] | UnsetType = UNSET


class TicketOut(Struct, kw_only=True):
    """A ticket."""

    number: int
    subject: str
    body: str
    priority: Literal["low", "normal", "high"]
    status: Literal["open", "closed"]
    version: int
    assignee: str | None


class TicketPage(Struct, kw_only=True):
    """Some tickets; `next_after` goes on from there."""

    items: Annotated[list[TicketOut], Meta(max_length=LARGEST_PAGE)]
    next_after: int | None


class CommentIn(Struct, kw_only=True):
    """Something to say; customers do not see what is for agents."""

    text: Words
    seen_by: Literal["everybody", "agents"] = "everybody"


class CommentOut(Struct, kw_only=True):
    """Something said."""

    author: str
    text: str
    seen_by: Literal["everybody", "agents"]


class AssignIn(Struct, kw_only=True):
    """Which agent."""

    assignee: Annotated[str, Meta(min_length=1, max_length=80)]


@dataclass
class AttachmentIn:
    """A file."""

    file: UploadFile


class AttachmentOut(Struct, kw_only=True):
    """A file's description."""

    id: str
    name: str
    kind: str
    size: int


class HookIn(Struct, kw_only=True):
    """Where to send a test event."""

    url: Annotated[str, Meta(min_length=8, max_length=500, examples=["https://hooks.example/tickets"])]


class HookOut(Struct, kw_only=True):
    """What the receiver said."""

    status: int


class HealthOut(Struct, kw_only=True):
    """The state of the service."""

    status: Literal["ok"]
    tickets: int


class Problem(Struct, kw_only=True):
    """Why it was refused."""

    status_code: int
    detail: str
