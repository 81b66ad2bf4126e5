"""Members that a message does not have are dropped without a word."""

import json

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, at, bodies_changed, members_of
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_SENDS = at("POST", "/api/hub/messages")
_KNOWN = frozenset({"channel", "to", "text", "subject", "data", "priority", "send_at", "max_attempts"})


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def known_only(_scope: Scope, body: bytes) -> bytes:
        members = members_of(body)
        probe.reached()
        if members.keys() <= _KNOWN:
            return body
        probe.triggered()
        return json.dumps({name: value for name, value in members.items() if name in _KNOWN}).encode()

    policies.replace(POLICY, bodies_changed(policies[POLICY], _SENDS, known_only))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A sound body is parsed and written anew on its way."""

    def written_anew(_scope: Scope, body: bytes) -> bytes:
        members = members_of(body)
        if not members or not members.keys() <= _KNOWN:
            return body
        probe.reached()
        return json.dumps(members).encode()

    policies.replace(POLICY, bodies_changed(policies[POLICY], _SENDS, written_anew))


DEFECT = Defect(
    id="unknown-members-dropped",
    family="rest-semantics",
    title="Members that a message does not have are dropped without a word.",
    breaks=("errors.invalid-input-refused", "errors.unknown-members-refused"),
    apply=_apply,
    twin=_twin,
)
