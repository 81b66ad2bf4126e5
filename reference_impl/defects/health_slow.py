"""Liveness is answered after everything was looked at."""

import asyncio

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Routes, at
from reference_impl.kit.asgi import ASGIApp, Receive, Scope, Send
from reference_impl.kit.policies import Apply, PolicyTable, Probe

_LIVE = at("GET", "/health/live")


def _after(seconds: float, *, is_wrong: bool) -> Apply:
    def apply(policies: PolicyTable, probe: Probe) -> None:
        right: Routes = policies[POLICY]

        def between(routes: ASGIApp) -> ASGIApp:
            inner = right(routes)

            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                if _LIVE(scope):
                    probe.reached()
                    await asyncio.sleep(seconds)
                    if is_wrong:
                        probe.triggered()
                await inner(scope, receive, send)

            return app

        policies.replace(POLICY, between)

    return apply


DEFECT = Defect(
    id="health-slow",
    family="resilience",
    title="Liveness is answered after everything was looked at.",
    breaks=("monitoring.health-cheap",),
    apply=_after(1.4, is_wrong=True),
    twin=_after(0.1, is_wrong=False),
)
