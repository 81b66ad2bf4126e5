"""Whoever sends a message says when it was made."""

import json

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at, bodies_changed, members_of
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_SENDS = at("POST", "/api/hub/messages")
_READS = at("GET", "/api/hub/messages/")
_KNOWN = frozenset({"channel", "to", "text", "subject", "data", "priority", "send_at", "max_attempts"})
_MADE = "created_at"
_SCOPE_MADE = "core.defect.made"


def _known(members: dict[str, object]) -> bytes:
    return json.dumps({name: value for name, value in members.items() if name in _KNOWN}).encode()


def _apply(policies: PolicyTable, probe: Probe) -> None:
    made: dict[str, str] = {}

    def bind(scope: Scope, body: bytes) -> bytes:
        members = members_of(body)
        if _MADE not in members:
            return body
        probe.reached()
        scope[_SCOPE_MADE] = str(members[_MADE])
        return _known(members)

    def kept(scope: Scope, answer: Answer) -> Answer:
        members = answer.members()
        if scope["method"] == "POST" and _SCOPE_MADE in scope and "id" in members:
            made[str(members["id"])] = scope[_SCOPE_MADE]
        if members.get("id") not in made:
            return answer
        probe.triggered()
        return answer.saying({**members, _MADE: made[str(members["id"])]})

    sent = bodies_changed(answers_changed(policies[POLICY], _SENDS, kept), _SENDS, bind)
    policies.replace(POLICY, answers_changed(sent, _READS, kept))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Members that nobody may set are left out without a word and have no effect."""

    def leave_out(_scope: Scope, body: bytes) -> bytes:
        members = members_of(body)
        if _MADE not in members:
            return body
        probe.reached()
        return _known(members)

    policies.replace(POLICY, bodies_changed(policies[POLICY], _SENDS, leave_out))


DEFECT = Defect(
    id="message-age-settable",
    family="owasp-api",
    title="Whoever sends a message says when it was made.",
    breaks=("security.unsettable-members-kept",),
    apply=_apply,
    twin=_twin,
)
