"""An example in the document has a member that was renamed meanwhile."""

from collections.abc import Callable
from typing import Any

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_JSON = "application/json"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Callable[[dict[str, Any]], dict[str, Any]] = policies["ops.document"]

    def outdated(made: dict[str, Any]) -> dict[str, Any]:
        document = right(made)
        probe.reached()
        media = document["paths"]["/api/hub/messages"]["post"]["requestBody"]["content"][_JSON]
        example = dict(media["example"])
        media["example"] = {"recipient": example.pop("to"), **example}
        probe.triggered()
        return document

    policies.replace("ops.document", outdated)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Another example that works."""
    right: Callable[[dict[str, Any]], dict[str, Any]] = policies["ops.document"]

    def another(made: dict[str, Any]) -> dict[str, Any]:
        document = right(made)
        probe.reached()
        media = document["paths"]["/api/hub/messages"]["post"]["requestBody"]["content"][_JSON]
        media["example"] = {**media["example"], "text": "Another example."}
        return document

    policies.replace("ops.document", another)


DEFECT = Defect(
    id="example-outdated",
    family="contract-evolution",
    title="An example in the document has a member that was renamed meanwhile.",
    breaks=("docs.examples-accepted",),
    apply=_apply,
    twin=_twin,
)
