"""Whoever names a user in a header is taken for the last one who signed in."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Routes, field_of
from reference_impl.kit.access import SCOPE_PRINCIPAL, Kind, Principal
from reference_impl.kit.asgi import ASGIApp, Receive, Scope, Send
from reference_impl.kit.policies import PolicyTable, Probe


def _is_known(scope: Scope) -> bool:
    principal = scope.get(SCOPE_PRINCIPAL)
    return principal is not None and principal.kind is not Kind.ANONYMOUS


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Routes = policies[POLICY]
    seen: list[Principal] = []

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and _is_known(scope):
                seen[:] = [scope[SCOPE_PRINCIPAL]]
            elif scope["type"] == "http" and field_of(scope, b"x-remote-user"):
                probe.reached()
                if seen:
                    probe.triggered()
                    scope[SCOPE_PRINCIPAL] = seen[0]
            await inner(scope, receive, send)

        return app

    policies.replace(POLICY, between)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The header is taken note of, and nothing follows from it."""
    right: Routes = policies[POLICY]

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and field_of(scope, b"x-remote-user"):
                probe.reached()
            await inner(scope, receive, send)

        return app

    policies.replace(POLICY, between)


DEFECT = Defect(
    id="proxy-user-believed",
    family="owasp-api",
    title="Whoever names a user in a header is taken for the last one who signed in.",
    breaks=("security.authentication-not-evaded",),
    apply=_apply,
    twin=_twin,
)
