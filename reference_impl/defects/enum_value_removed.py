"""The document no longer knows the lowest priority, which queues still have."""

from collections.abc import Callable
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_GONE = "LOW"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Callable[[dict[str, Any]], dict[str, Any]] = policies["ops.document"]

    def shorter(made: dict[str, Any]) -> dict[str, Any]:
        document = right(made)
        probe.reached()
        document["components"]["schemas"]["Priority"]["enum"].remove(_GONE)
        probe.triggered()
        return document

    policies.replace("ops.document", shorter)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The values of an enum in another order are the same enum."""
    right: Callable[[dict[str, Any]], dict[str, Any]] = policies["ops.document"]

    def turned(made: dict[str, Any]) -> dict[str, Any]:
        document = right(made)
        probe.reached()
        document["components"]["schemas"]["Priority"]["enum"].reverse()
        return document

    policies.replace("ops.document", turned)


DEFECT = Defect(
    id="enum-value-removed",
    family="contract-evolution",
    title="The document no longer knows a value that answers still have.",
    breaks=("testing.contracts-fresh",),
    apply=_apply,
    twin=_twin,
)
