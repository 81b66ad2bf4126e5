"""What defects between the gateway and the routes share: reading and rewriting requests and answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from reference_impl.gateway.exchange import HeaderList, header
from reference_impl.kit.asgi import ASGIApp, Message, Receive, Scope, Send
from reference_impl.kit.policies import Apply, PolicyTable, Probe

POLICY = "gateway.routes"
Routes = Callable[[ASGIApp], ASGIApp]
Applies = Callable[[Scope], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that is whole."""

    status: int
    headers: HeaderList
    body: bytes

    def members(self) -> Mapping[str, Any]:
        """The members of a JSON object; none for anything else."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    def saying(self, members: Mapping[str, Any]) -> "Answer":
        """The same answer with other members."""
        return replace(self, body=json.dumps(members).encode())

    def headed(self, name: bytes, value: bytes) -> "Answer":
        """The same answer with one field more."""
        return replace(self, headers=[*self.headers, (name, value)])


def page(text: str, media_type: str = "text/plain", status: int = 200) -> Answer:
    """An answer of our own."""
    return Answer(status=status, headers=[(b"content-type", media_type.encode())], body=text.encode())


Change = Callable[[Scope, Answer], Answer]
ChangeBody = Callable[[Scope, bytes], bytes]
Answering = Callable[[Scope], Answer]


def at(method: str, path: str) -> Applies:
    """Requests with this method whose path is this one, or lies below it when it ends in a slash."""

    def applies(scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != method:
            return False
        here: str = scope["path"]
        return here.startswith(path) if path.endswith("/") else here == path

    return applies


def answers_changed(right: Routes, applies: Applies, change: Change) -> Routes:
    """Routes whose answers to some requests pass through `change` before they leave."""

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if not applies(scope):
                await inner(scope, receive, send)
                return
            held: list[Message] = []

            async def hold(message: Message) -> None:
                held.append(message)

            await inner(scope, receive, hold)
            await _send(change(scope, _whole(held)), send)

        return app

    return between


def wrong_answers(applies: Applies, change: Change) -> Apply:
    """A defect: what `change` makes another answer of leaves the process wrong."""
    return _counted(applies, change, is_wrong=True)


def harmless_answers(applies: Applies, change: Change) -> Apply:
    """A twin: the answers are others, and as right as before."""
    return _counted(applies, change, is_wrong=False)


def _counted(applies: Applies, change: Change, *, is_wrong: bool) -> Apply:
    def apply(policies: PolicyTable, probe: Probe) -> None:
        def changed(scope: Scope, answer: Answer) -> Answer:
            other = change(scope, answer)
            if other is not answer:
                _count(probe, is_wrong=is_wrong)
            return other

        policies.replace(POLICY, answers_changed(policies[POLICY], applies, changed))

    return apply


def wrong_pages(applies: Applies, answering: Answering) -> Apply:
    """A defect: requests are answered in the place of the routes."""
    return _pages(applies, answering, is_wrong=True)


def harmless_pages(applies: Applies, answering: Answering) -> Apply:
    """A twin: the same, with answers that nobody can object to."""
    return _pages(applies, answering, is_wrong=False)


def _pages(applies: Applies, answering: Answering, *, is_wrong: bool) -> Apply:
    def apply(policies: PolicyTable, probe: Probe) -> None:
        right: Routes = policies[POLICY]

        def between(routes: ASGIApp) -> ASGIApp:
            inner = right(routes)

            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                if not applies(scope):
                    await inner(scope, receive, send)
                    return
                _count(probe, is_wrong=is_wrong)
                await _send(answering(scope), send)

            return app

        policies.replace(POLICY, between)

    return apply


def _count(probe: Probe, *, is_wrong: bool) -> None:
    probe.reached()
    if is_wrong:
        probe.triggered()


def bodies_changed(right: Routes, applies: Applies, change: ChangeBody) -> Routes:
    """Routes that are given another body than some requests had."""

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if not applies(scope):
                await inner(scope, receive, send)
                return
            body = change(scope, (await receive()).get("body", b""))
            headers = [field for field in scope["headers"] if field[0] != b"content-length"]
            length = (b"content-length", str(len(body)).encode())

            async def give() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            await inner({**scope, "headers": [*headers, length]}, give, send)

        return app

    return between


def members_of(body: bytes) -> dict[str, Any]:
    """The members of a JSON object that somebody sent; none for anything else."""
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _whole(held: list[Message]) -> Answer:
    start, *parts = held
    body = b"".join(part.get("body", b"") for part in parts)
    return Answer(status=start["status"], headers=list(start["headers"]), body=body)


def field_of(scope: Scope, name: bytes) -> str:
    """The request's first header field of this name; empty where there is none."""
    found: str | None = header(scope, name)
    return found or ""


def query_of(scope: Scope, name: str) -> str:
    """The first value of a parameter in the address; empty where there is none."""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get(name, [""])[0]


async def _send(answer: Answer, send: Send) -> None:
    headers = [field for field in answer.headers if field[0] != b"content-length"]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
