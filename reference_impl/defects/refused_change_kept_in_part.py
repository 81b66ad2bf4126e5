"""A change of a breaker that is refused has changed what came before the wrong member."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Routes, at, bodies_changed, members_of
from reference_impl.kit.asgi import ASGIApp, Message, Receive, Scope, Send
from reference_impl.kit.policies import PolicyTable, Probe

_CHANGES = at("PATCH", "/api/circuit-breakers/breakers/")
_MEMBER = "settings"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Routes = policies[POLICY]

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if not _CHANGES(scope):
                await inner(scope, receive, send)
                return
            body = (await receive()).get("body", b"")
            status, answered = await _ask(inner, scope, body)
            if status == 422:
                probe.reached()
                for part in _parts(members_of(body)):
                    changed, _ = await _ask(inner, _of_length(scope, part), part)
                    if changed == 200:
                        probe.triggered()
                        break
            for message in answered:
                await send(message)

        return app

    policies.replace(POLICY, between)


async def _ask(routes: ASGIApp, scope: Scope, body: bytes) -> tuple[int, list[Message]]:
    held: list[Message] = []

    async def give() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def hold(message: Message) -> None:
        held.append(message)

    await routes(scope, give, hold)
    return held[0]["status"], held


def _of_length(scope: Scope, body: bytes) -> Scope:
    headers = [field for field in scope["headers"] if field[0] != b"content-length"]
    return {**scope, "headers": [*headers, (b"content-length", str(len(body)).encode())]}


def _parts(members: Mapping[str, Any]) -> Iterator[bytes]:
    """Each setting by itself."""
    settings = members.get(_MEMBER)
    for name, value in settings.items() if isinstance(settings, dict) else ():
        yield json.dumps({_MEMBER: {name: value}}).encode()


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The members of the body in another order."""

    def sorted_body(_scope: Scope, body: bytes) -> bytes:
        members = members_of(body)
        if not members:
            return body
        probe.reached()
        return json.dumps(dict(sorted(members.items()))).encode()

    policies.replace(POLICY, bodies_changed(policies[POLICY], _CHANGES, sorted_body))


DEFECT = Defect(
    id="refused-change-kept-in-part",
    family="rest-semantics",
    title="A refused change of a breaker has changed what of it was right.",
    breaks=("http.refused-changes-without-effect",),
    apply=_apply,
    twin=_twin,
)
