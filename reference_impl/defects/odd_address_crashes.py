"""A query that is no UTF-8 makes a read fail with a 500."""

from urllib.parse import unquote_to_bytes

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, Routes, harmless_answers
from reference_impl.kit.asgi import ASGIApp, Receive, Scope, Send
from reference_impl.kit.policies import PolicyTable, Probe


def _reads(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "GET" and scope["query_string"])


def _is_text(query: bytes) -> bool:
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return False
    return True


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Routes = policies[POLICY]

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if _reads(scope):
                probe.reached()
                if not _is_text(scope["query_string"]):
                    probe.triggered()
                    raise ValueError("the query is no text")
            await inner(scope, receive, send)

        return app

    policies.replace(POLICY, between)


def _marked(scope: Scope, answer: Answer) -> Answer:
    return answer if _is_text(scope["query_string"]) else answer.headed(b"x-query", b"not-utf-8")


DEFECT = Defect(
    id="odd-address-crashes",
    family="rest-semantics",
    title="A query that is no UTF-8 makes a read fail with a 500.",
    breaks=("errors.odd-addresses-answered",),
    apply=_apply,
    twin=harmless_answers(_reads, _marked),
)
