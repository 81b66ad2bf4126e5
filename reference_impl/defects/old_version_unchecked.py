"""Paths of the old version ask for no permission."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Routes
from reference_impl.gateway.exchange import exchange_of
from reference_impl.kit.access import SCOPE_PRINCIPAL, Kind, Principal
from reference_impl.kit.asgi import ASGIApp, Receive, Scope, Send
from reference_impl.kit.policies import PolicyTable, Probe


class _Everything(frozenset[str]):
    """The permissions of somebody who is never asked for one."""

    probe: Probe

    def __contains__(self, permission: object) -> bool:
        self.probe.reached()
        if not super().__contains__(permission):
            self.probe.triggered()
        return True


def _unchecked(principal: Principal, probe: Probe) -> Principal:
    permissions = _Everything(principal.permissions)
    permissions.probe = probe
    return replace(principal, permissions=permissions)


def _concerns(scope: Scope) -> bool:
    known = scope["type"] == "http" and scope.get(SCOPE_PRINCIPAL) is not None
    return known and exchange_of(scope).path.startswith("/v1/")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Routes = policies[POLICY]

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if _concerns(scope) and scope[SCOPE_PRINCIPAL].kind is not Kind.ANONYMOUS:
                scope[SCOPE_PRINCIPAL] = _unchecked(scope[SCOPE_PRINCIPAL], probe)
            await inner(scope, receive, send)

        return app

    policies.replace(POLICY, between)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The principal is copied on its way, with the permissions that it has."""
    right: Routes = policies[POLICY]

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if _concerns(scope):
                probe.reached()
                scope[SCOPE_PRINCIPAL] = replace(scope[SCOPE_PRINCIPAL])
            await inner(scope, receive, send)

        return app

    policies.replace(POLICY, between)


DEFECT = Defect(
    id="old-version-unchecked",
    family="owasp-api",
    title="Paths of the old version ask for no permission.",
    breaks=("security.function-level-authorization", "security.old-versions-guarded"),
    apply=_apply,
    twin=_twin,
)
