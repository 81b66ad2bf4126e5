"""What can be wrong with the ticket service: each class breaks one decision. Words: `catalogue.yaml`."""

import hashlib
import os
import re
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from rules import Attachment, Comment, Headers, Rules, Session, Ticket, User, run
from switches import broken

Caller = Request[Any, Any, Any]


class LogoutForgotten(Rules):
    id = "logout-keeps-token"

    def is_over(self, session: Session) -> bool:
        return False


class TokenGuessable(Rules):
    id = "token-predictable"

    def new_token(self, user: User) -> str:
        return hashlib.md5(user.username.encode()).hexdigest()


class TokenInQuery(Rules):
    id = "token-in-query"

    def token_of(self, request: Caller) -> str:
        return super().token_of(request) or request.query_params.get("access_token", "")


class TokenTruncated(Rules):
    id = "token-compared-loosely"

    def session_of(self, token: str) -> Session | None:
        near = next(
            (
                found
                for known, found in self.store.sessions.items()
                if len(token) > 8 and known[:8] == token[:8]
            ),
            None,
        )
        return near if near is not None and not self.is_over(near) else None


class TicketReadable(Rules):
    id = "bola-read"

    def may_see(self, user: User, ticket: Ticket) -> bool:
        return True


class TicketWritable(Rules):
    id = "bola-write"

    def may_change(self, user: User, ticket: Ticket) -> bool:
        return True


class TicketRemovable(Rules):
    id = "bola-delete"

    def may_delete(self, user: User, ticket: Ticket) -> bool:
        return True


class FilesReadable(Rules):
    id = "bola-nested"

    def may_see_file(self, user: User, attachment: Attachment) -> bool:
        return True


class UsersOpen(Rules):
    id = "authentication-missing"

    def is_open(self, operation: str) -> bool:
        return operation == "list_users"


class AssigningForAll(Rules):
    id = "bfla-by-verb"

    def is_for_agents(self, operation: str) -> bool:
        return operation != "assign"


class UsersForAll(Rules):
    id = "bfla-by-path"

    def is_for_agents(self, operation: str) -> bool:
        return operation not in {"list_users", "read_template"}


class StatusSettable(Rules):
    id = "mass-assignment"

    def settable(self, user: User) -> frozenset[str]:
        return super().settable(user) | {"status"}


class HashShown(Rules):
    id = "excessive-data"

    def user_out(self, user: User) -> dict[str, object]:
        return {**super().user_out(user), "password": user.password}


class InternalShown(Rules):
    id = "internal-comments-shown"

    def comments_for(self, user: User, ticket: Ticket) -> Sequence[Comment]:
        return ticket.comments


class PageUncapped(Rules):
    id = "page-cap-missing"

    def page_size(self, asked: int) -> int:
        return asked


class OriginReflected(Rules):
    id = "cors-reflects-origin"

    def cross_origin(self, request: Caller) -> Headers:
        origin = request.headers.get("origin")
        return (
            {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
            if origin
            else {}
        )


class TraceShown(Rules):
    id = "stack-trace-in-errors"

    def error_body(self, status: int, detail: str) -> dict[str, object]:
        stack = "".join(traceback.format_stack()[-4:])
        return {
            **super().error_body(status, detail),
            "debug": f"Traceback (most recent call last):\n{stack}Exception: {detail}",
        }


class SearchIsPattern(Rules):
    id = "server-error-on-odd-input"

    def search(self, found: Sequence[Ticket], words: str) -> Sequence[Ticket]:
        pattern = re.compile(words, re.IGNORECASE)
        return [item for item in found if pattern.search(f"{item.subject} {item.body}")]


class SearchEvaluates(Rules):
    id = "code-injection"

    def search(self, found: Sequence[Ticket], words: str) -> Sequence[Ticket]:
        with suppress(Exception):  # whatever is no expression is taken as it stands
            words = str(eval(words, {"__builtins__": {}}))
        return super().search(found, words)


class AnythingCalled(Rules):
    id = "ssrf"

    def may_call(self, url: str) -> bool:
        return url.startswith(("http://", "https://"))


class ShellDescribes(Rules):
    id = "command-injection"

    def is_attachment(self, name: str, content: bytes) -> bool:
        return 0 < len(name) <= 200

    async def describe(self, attachment: Attachment) -> str:
        out = await run(f"echo {attachment.name}: $(wc -c) bytes", attachment.content)
        return out.decode("utf-8", "replace").strip()


class TemplatesEscape(Rules):
    id = "path-traversal"

    def template(self, name: str, folder: Path) -> Path | None:
        return None if "\0" in name else Path(os.path.normpath(folder / name))


class LoginTells(Rules):
    id = "login-enumeration"

    def login_refusal(self, *, is_known: bool) -> str:
        return "Wrong password" if is_known else "Unknown user"


class LoginUnlimited(Rules):
    id = "login-unthrottled"

    def is_throttled(self, username: str) -> bool:
        return False


class EnvironmentOpen(Rules):
    id = "debug-endpoint-open"

    def extra_handlers(self) -> list[HTTPRouteHandler]:
        @get("/env", include_in_schema=False)
        async def environment() -> dict[str, str]:
            return dict(os.environ)

        return [environment]


class OldVersionOpen(Rules):
    id = "old-version-open"

    def extra_handlers(self) -> list[HTTPRouteHandler]:
        @get("/v1/tickets", include_in_schema=False)
        async def tickets() -> list[dict[str, object]]:
            return [self.ticket_out(item) for item in self.store.tickets]

        @get("/v1/users", include_in_schema=False)
        async def users() -> list[dict[str, object]]:
            return [self.user_out(item) for item in self.store.users.values()]

        return [tickets, users]


class VersionAsText(Rules):
    id = "schema-violation"

    def ticket_out(self, ticket: Ticket) -> dict[str, object]:
        return {**super().ticket_out(ticket), "version": f"v{ticket.version}"}


class PriorityWidened(Rules):
    id = "enum-widened"

    def ticket_out(self, ticket: Ticket) -> dict[str, object]:
        found = super().ticket_out(ticket)
        return {**found, "priority": "urgent"} if ticket.priority == "high" else found


class AssigneeGone(Rules):
    id = "response-field-removed"

    def ticket_out(self, ticket: Ticket) -> dict[str, object]:
        return {name: value for name, value in super().ticket_out(ticket).items() if name != "assignee"}


class CreatedAsOk(Rules):
    id = "success-status-moved"

    def created_status(self) -> int:
        return 200


class PriorityUnchecked(Rules):
    id = "invalid-accepted"

    def is_priority(self, text: str) -> bool:
        return True


class DeletedStillThere(Rules):
    id = "use-after-delete"

    def is_there(self, ticket: Ticket) -> bool:
        return True


class ChangedByHalf(Rules):
    id = "failed-change-leaves-traces"

    def change(self, ticket: Ticket, values: Mapping[str, Any]) -> str:
        for name, value in values.items():
            if name == "status" and value == "open" and ticket.status == "closed":
                return "A closed ticket stays closed"
            setattr(ticket, name, value)
        ticket.version += 1
        return ""


class LostUpdate(Rules):
    id = "if-match-ignored"

    def is_stale(self, asked: str, ticket: Ticket) -> bool:
        return False


class NeverUnchanged(Rules):
    id = "etag-ignored"

    def is_unchanged(self, asked: str, ticket: Ticket) -> bool:
        return False


class AllowMissing(Rules):
    id = "allow-missing"

    def header(self, header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
        return (b"x-methods", header[1]) if header[0].lower() == b"allow" else header


class ChallengeMissing(Rules):
    id = "challenge-missing"

    def challenge(self) -> Headers:
        return {}


class LastSeenAgain(Rules):
    id = "paging-repeats-row"

    def page(self, found: Sequence[Ticket], after: int, size: int) -> tuple[Sequence[Ticket], int | None]:
        rest = [item for item in found if item.number >= after]
        return rest[:size], rest[size - 1].number if len(rest) > size else None


class EndsNever(Rules):
    id = "paging-never-ends"

    def page(self, found: Sequence[Ticket], after: int, size: int) -> tuple[Sequence[Ticket], int | None]:
        rest = [item for item in found if item.number > after]
        return rest[:size], rest[:size][-1].number if rest else after


class MetricsFrozen(Rules):
    id = "metrics-frozen"

    def count(self, status: int) -> None:
        self.store.requests[200] = 1


class ErrorsTruncated(Rules):
    id = "errors-not-well-formed"

    def encoded(self, body: bytes, status: int) -> bytes:
        return body.replace(b'"', b"'") if status == 404 else body


class PrivateCached(Rules):
    id = "private-data-cacheable"

    def caching(self, request: Caller) -> str:
        return "public, max-age=600" if request.method == "GET" else super().caching(request)


class RequestIdForgotten(Rules):
    id = "request-id-not-echoed"

    def echo(self, request: Caller) -> Headers:
        return {"X-Request-Id": "0"}


def rules_with(names: str) -> type[Rules]:
    """Return the rules with the named defects in them."""
    return broken(Rules, Rules.__subclasses__(), names)
