"""Introspection is answered before anybody asks who wants to know."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, Routes, answers_changed, at
from reference_impl.kit.asgi import ASGIApp, Message, Receive, Scope, Send
from reference_impl.kit.policies import PolicyTable, Probe

_ASKS = at("POST", "/graphql")
_SCHEMA = b'{"data": {"__schema": {"queryType": {"name": "Query"}}}}'
_WORD = b"__schema"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Routes = policies[POLICY]

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if not _ASKS(scope):
                await inner(scope, receive, send)
                return
            asked = await receive()
            if _WORD in asked.get("body", b""):
                probe.reached()
                probe.triggered()
                head = {"type": "http.response.start", "status": 200, "headers": [_JSON]}
                await send(head)
                await send({"type": "http.response.body", "body": _SCHEMA})
                return

            async def give() -> Message:
                return asked

            await inner(scope, give, send)

        return app

    policies.replace(POLICY, between)


_JSON = (b"content-type", b"application/json")


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Refusals have a field more."""

    def marked(_scope: Scope, answer: Answer) -> Answer:
        if answer.status < 400:
            return answer
        probe.reached()
        return replace(answer, headers=[*answer.headers, (b"x-graphql", b"refused")])

    policies.replace(POLICY, answers_changed(policies[POLICY], _ASKS, marked))


DEFECT = Defect(
    id="graphql-schema-for-strangers",
    family="graphql-http",
    title="Introspection is answered before anybody asks who wants to know.",
    breaks=("graphql.introspection-closed",),
    apply=_apply,
    twin=_twin,
)
