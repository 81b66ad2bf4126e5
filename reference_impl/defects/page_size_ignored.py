"""A list gives as many items as it likes, however few were asked for."""

from collections.abc import Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Routes, at, query_of
from reference_impl.kit.asgi import ASGIApp, Receive, Scope, Send
from reference_impl.kit.policies import Apply, PolicyTable, Probe

_LISTS = at("GET", "/api/hub/messages")
_SIZE = "limit"
_SMALL = frozenset({"1", "2"})


def _asked_with(change: Callable[[list[bytes]], list[bytes]], *, is_wrong: bool) -> Apply:
    def apply(policies: PolicyTable, probe: Probe) -> None:
        right: Routes = policies[POLICY]

        def between(routes: ASGIApp) -> ASGIApp:
            inner = right(routes)

            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                if _LISTS(scope) and query_of(scope, _SIZE) in _SMALL:
                    probe.reached()
                    if is_wrong:
                        probe.triggered()
                    scope = {**scope, "query_string": b"&".join(change(scope["query_string"].split(b"&")))}
                await inner(scope, receive, send)

            return app

        policies.replace(POLICY, between)

    return apply


def _without_size(pairs: list[bytes]) -> list[bytes]:
    return [pair for pair in pairs if not pair.startswith(b"limit=")]


def _backwards(pairs: list[bytes]) -> list[bytes]:
    return pairs[::-1]


DEFECT = Defect(
    id="page-size-ignored",
    family="rest-semantics",
    title="A list gives as many items as it likes, however few were asked for.",
    breaks=("api.page-size-honoured",),
    apply=_asked_with(_without_size, is_wrong=True),
    twin=_asked_with(_backwards, is_wrong=False),
)
