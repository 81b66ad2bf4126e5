"""The id that a client gives its request is replaced by another one."""

from collections.abc import Callable

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Callable[[str | None], str] = policies["gateway.request_id"]

    def always_new(given: str | None) -> str:
        accepted = right(given)
        probe.reached()
        if accepted != given:
            return accepted
        probe.triggered()
        return right(None)

    policies.replace("gateway.request_id", always_new)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """An id that nobody could log is replaced, and no other one."""
    right: Callable[[str | None], str] = policies["gateway.request_id"]

    def harmless(given: str | None) -> str:
        probe.reached()
        return right(given if given and len(given) <= 128 else None)

    policies.replace("gateway.request_id", harmless)


DEFECT = Defect(
    id="request-id-replaced",
    family="rest-semantics",
    title="The id that a client gives its request is replaced by another one.",
    breaks=("errors.request-id-echoed",),
    apply=_apply,
    twin=_twin,
)
