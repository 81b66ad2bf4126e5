"""One request may hold as many GraphQL queries as a client likes."""

import json
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Routes, at
from reference_impl.kit.asgi import ASGIApp, Message, Receive, Scope, Send
from reference_impl.kit.policies import Apply, PolicyTable, Probe

_ASKS = at("POST", "/graphql")
_ENDLESS = 1_000_000


def _batched(most: int, *, is_wrong: bool) -> Apply:
    """Run the queries of a list, one after the other, when there are not too many."""

    def apply(policies: PolicyTable, probe: Probe) -> None:
        right: Routes = policies[POLICY]

        def between(routes: ASGIApp) -> ASGIApp:
            inner = right(routes)

            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                if not _ASKS(scope):
                    await inner(scope, receive, send)
                    return
                body = (await receive()).get("body", b"")
                queries = _queries(body)
                if not 1 <= len(queries) <= most:
                    await _run(inner, scope, body, send)
                    return
                probe.reached()
                answers = [await _answer(inner, scope, json.dumps(query).encode()) for query in queries]
                if is_wrong:
                    probe.triggered()
                head = {"type": "http.response.start", "status": 200, "headers": [_JSON]}
                await send(head)
                await send({"type": "http.response.body", "body": b"[" + b",".join(answers) + b"]"})

            return app

        policies.replace(POLICY, between)

    return apply


_JSON = (b"content-type", b"application/json")


def _queries(body: bytes) -> list[Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return []
    return document if isinstance(document, list) else []


async def _run(inner: ASGIApp, scope: Scope, body: bytes, send: Send) -> None:
    length = (b"content-length", str(len(body)).encode())
    headers = [field for field in scope["headers"] if field[0] != b"content-length"]

    async def give() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    await inner({**scope, "headers": [*headers, length]}, give, send)


async def _answer(inner: ASGIApp, scope: Scope, body: bytes) -> bytes:
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        parts.append(message.get("body", b""))

    await _run(inner, scope, body, keep)
    return b"".join(parts)


DEFECT = Defect(
    id="graphql-batches-unlimited",
    family="graphql-http",
    title="One request may hold as many GraphQL queries as a client likes.",
    breaks=("graphql.cost-limited",),
    apply=_batched(_ENDLESS, is_wrong=True),
    twin=_batched(2, is_wrong=False),
)
