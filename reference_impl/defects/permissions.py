"""What defects of authorization share: requests whose sender is never asked for a permission."""

from collections.abc import Callable
from dataclasses import replace

from reference_impl.defects.rewriting import POLICY, Applies, Routes
from reference_impl.kit.access import SCOPE_PRINCIPAL, Kind, Principal
from reference_impl.kit.asgi import ASGIApp, Receive, Scope, Send
from reference_impl.kit.policies import Apply, PolicyTable, Probe


class _Everything(frozenset[str]):
    """The permissions of somebody who is never asked for one."""

    probe: Probe

    def __contains__(self, permission: object) -> bool:
        self.probe.reached()
        if not super().__contains__(permission):
            self.probe.triggered()
        return True


def unchecked(applies: Applies) -> Apply:
    """A defect: whoever is signed in may do what these requests ask for."""

    def let_through(principal: Principal, probe: Probe) -> Principal:
        if principal.kind is Kind.ANONYMOUS:
            return principal
        permissions = _Everything(principal.permissions)
        permissions.probe = probe
        return replace(principal, permissions=permissions)

    return _principals(applies, let_through)


def taken_for_the_last(applies: Applies) -> Apply:
    """A defect: on these requests a stranger is taken for the last one who signed in."""
    seen: list[Principal] = []

    def known(principal: Principal, probe: Probe) -> Principal:
        probe.reached()
        if principal.kind is not Kind.ANONYMOUS or not seen:
            return principal
        probe.triggered()
        return seen[-1]

    def apply(policies: PolicyTable, probe: Probe) -> None:
        seen.clear()

        def noting(principal: Principal, _probe: Probe) -> Principal:
            if principal.kind is not Kind.ANONYMOUS:
                seen[:] = [principal]
            return principal

        _principals(applies, known)(policies, probe)
        _principals(_every, noting)(policies, probe)

    return apply


def _every(_scope: Scope) -> bool:
    return True


def copied(applies: Applies) -> Apply:
    """A twin: the principal is copied on its way, with the permissions that it has."""

    def copy(principal: Principal, probe: Probe) -> Principal:
        probe.reached()
        return replace(principal)

    return _principals(applies, copy)


def _principals(applies: Applies, change: Callable[[Principal, Probe], Principal]) -> Apply:
    def apply(policies: PolicyTable, probe: Probe) -> None:
        right: Routes = policies[POLICY]

        def between(routes: ASGIApp) -> ASGIApp:
            inner = right(routes)

            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                if scope["type"] == "http" and scope.get(SCOPE_PRINCIPAL) is not None and applies(scope):
                    scope[SCOPE_PRINCIPAL] = change(scope[SCOPE_PRINCIPAL], probe)
                await inner(scope, receive, send)

            return app

        policies.replace(POLICY, between)

    return apply
