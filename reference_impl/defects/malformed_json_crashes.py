"""A body that is not JSON makes the request fail with a 500."""

import json

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.bodies import JsonRule
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import BadRequest


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: JsonRule = policies["gateway.json"]

    def unguarded(body: bytes) -> None:
        try:
            right(body)
        except BadRequest:
            probe.reached()
            probe.triggered()
            json.loads(body)
            raise

    policies.replace("gateway.json", unguarded)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The refusal has other words."""
    right: JsonRule = policies["gateway.json"]

    def other_words(body: bytes) -> None:
        try:
            right(body)
        except BadRequest:
            probe.reached()
            raise BadRequest("This is not JSON as we know it.") from None

    policies.replace("gateway.json", other_words)


DEFECT = Defect(
    id="malformed-json-crashes",
    family="rest-semantics",
    title="A body that is not JSON makes the request fail with a 500.",
    breaks=("errors.malformed-json-refused", "errors.odd-bodies-answered"),
    apply=_apply,
    twin=_twin,
)
