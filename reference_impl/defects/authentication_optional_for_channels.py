"""The channels of the hub are shown to callers without credentials."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Routes, at
from reference_impl.kit.access import ROLES, SCOPE_PRINCIPAL, SCOPE_REFUSAL, Kind, Principal
from reference_impl.kit.asgi import ASGIApp, Receive, Scope, Send
from reference_impl.kit.policies import PolicyTable, Probe

_READS = at("GET", "/api/hub/channels")
_GUEST = Principal(subject="guest", tenant="public", permissions=ROLES["reader"])


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Routes = policies[POLICY]

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if _READS(scope) and scope[SCOPE_PRINCIPAL].kind is Kind.ANONYMOUS:
                probe.reached()
                probe.triggered()
                scope[SCOPE_PRINCIPAL] = _GUEST
                scope.pop(SCOPE_REFUSAL, None)
            await inner(scope, receive, send)

        return app

    policies.replace(POLICY, between)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Callers without credentials are counted, and refused like everywhere."""
    right: Routes = policies[POLICY]

    def between(routes: ASGIApp) -> ASGIApp:
        inner = right(routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if _READS(scope) and scope[SCOPE_PRINCIPAL].kind is Kind.ANONYMOUS:
                probe.reached()
            await inner(scope, receive, send)

        return app

    policies.replace(POLICY, between)


DEFECT = Defect(
    id="authentication-optional-for-channels",
    family="owasp-api",
    title="The channels of the hub are shown to callers without credentials.",
    breaks=("security.authentication-enforced",),
    apply=_apply,
    twin=_twin,
)
