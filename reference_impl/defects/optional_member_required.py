"""A member that could be left out of a message is required from now on."""

from collections.abc import Callable
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, at, bodies_changed, members_of
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import FieldError, Unprocessable

_SENDS = at("POST", "/api/hub/messages")
_MISSING = FieldError(pointer="/priority", detail="is required")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Callable[[dict[str, Any]], dict[str, Any]] = policies["ops.document"]

    def published(made: dict[str, Any]) -> dict[str, Any]:
        document = right(made)
        probe.reached()
        document["components"]["schemas"]["MessageIn"]["required"].append("priority")
        probe.triggered()
        return document

    def demanded(_scope: Scope, body: bytes) -> bytes:
        probe.reached()
        if "priority" in members_of(body):
            return body
        probe.triggered()
        raise Unprocessable("Some members of the request are not valid; see errors.", errors=(_MISSING,))

    policies.replace("ops.document", published)
    policies.replace(POLICY, bodies_changed(policies[POLICY], _SENDS, demanded))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The document recommends what it does not require."""
    right: Callable[[dict[str, Any]], dict[str, Any]] = policies["ops.document"]

    def recommended(made: dict[str, Any]) -> dict[str, Any]:
        document = right(made)
        probe.reached()
        document["components"]["schemas"]["MessageIn"]["description"] = (
            "A message to send; name its priority."
        )
        return document

    policies.replace("ops.document", recommended)


DEFECT = Defect(
    id="optional-member-required",
    family="contract-evolution",
    title="A member that could be left out of a message is required from now on.",
    breaks=("testing.contracts-fresh",),
    apply=_apply,
    twin=_twin,
)
