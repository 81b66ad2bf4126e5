"""A value beyond the documented range is cut down without a word."""

import json

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, at, bodies_changed, members_of
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_SENDS = at("POST", "/api/hub/messages")
_MOST = 20


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def cut(_scope: Scope, body: bytes) -> bytes:
        members = members_of(body)
        asked = members.get("max_attempts")
        probe.reached()
        if isinstance(asked, bool) or not isinstance(asked, int | float) or asked <= _MOST:
            return body
        probe.triggered()
        return json.dumps({**members, "max_attempts": _MOST}).encode()

    policies.replace(POLICY, bodies_changed(policies[POLICY], _SENDS, cut))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """What is asked for is taken note of, and judged as it is."""

    def counted(_scope: Scope, body: bytes) -> bytes:
        if "max_attempts" in members_of(body):
            probe.reached()
        return body

    policies.replace(POLICY, bodies_changed(policies[POLICY], _SENDS, counted))


DEFECT = Defect(
    id="too-large-value-cut",
    family="rest-semantics",
    title="A number of attempts beyond the documented range is cut down without a word.",
    breaks=("errors.invalid-input-refused",),
    apply=_apply,
    twin=_twin,
)
