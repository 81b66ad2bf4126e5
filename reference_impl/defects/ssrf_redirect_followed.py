"""A webhook follows a redirect of its receiver, wherever it leads."""

from collections.abc import Callable

import httpx

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

Connect = Callable[[], httpx.AsyncClient]


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Connect = policies["webhook.client"]

    async def count(response: httpx.Response) -> None:
        if not response.has_redirect_location:
            return
        probe.reached()
        probe.triggered()

    def following() -> httpx.AsyncClient:
        client = right()
        client.follow_redirects = True
        client.event_hooks = {"response": [count]}
        return client

    policies.replace("webhook.client", following)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The redirect is taken note of and not followed."""
    right: Connect = policies["webhook.client"]

    async def note(response: httpx.Response) -> None:
        if response.has_redirect_location:
            probe.reached()

    def noting() -> httpx.AsyncClient:
        client = right()
        client.event_hooks = {"response": [note]}
        return client

    policies.replace("webhook.client", noting)


DEFECT = Defect(
    id="ssrf-redirect-followed",
    family="owasp-api",
    title="A webhook follows a redirect of its receiver, wherever it leads.",
    breaks=("security.ssrf-refused",),
    apply=_apply,
    twin=_twin,
)
