"""What every answer of the ticket service goes through on its way out."""

from typing import Any

from litestar import Request
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from rules import Rules


class Finish:
    """Counts requests, answers HEAD as GET without its body, and gives every answer its headers."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        request: Request[Any, Any, Any] = Request(scope)
        if is_head:
            scope = {**scope, "method": "GET"}  # type: ignore[assignment, misc]
        status = 200

        async def finish(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._rules.count(status)
                added = self._rules.headers(request, status).items()
                raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in added]
                message["headers"] = [*map(self._rules.header, message.get("headers", [])), *raw]
            else:
                message["body"] = self._rules.encoded(message.get("body", b""), status)  # type: ignore[typeddict-item]
            await send(message)

        await self._app(scope, receive, finish)
