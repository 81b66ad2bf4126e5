"""Requests without an id of their own all get the same one."""

import secrets
from collections.abc import Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

RequestId = Callable[[str | None], str]


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: RequestId = policies["gateway.request_id"]
    ours = right(None)

    def of_the_process(given: str | None) -> str:
        made = right(given)
        probe.reached()
        if made == given:
            return made
        probe.triggered()
        return ours

    policies.replace("gateway.request_id", of_the_process)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Ids that are made are shorter."""
    right: RequestId = policies["gateway.request_id"]

    def shorter(given: str | None) -> str:
        probe.reached()
        made = right(given)
        return made if made == given else "r" + secrets.token_hex(8)

    policies.replace("gateway.request_id", shorter)


DEFECT = Defect(
    id="request-id-of-the-process",
    family="resilience",
    title="Requests without an id of their own all get the same one.",
    breaks=("monitoring.request-ids-unique",),
    apply=_apply,
    twin=_twin,
)
