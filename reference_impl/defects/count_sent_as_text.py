"""A number of the answer to a message is sent as text."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_SENDS = at("POST", "/api/hub/messages")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def as_text(_scope: Scope, answer: Answer) -> Answer:
        members = answer.members()
        if answer.status != 202 or "attempts" not in members:
            return answer
        probe.reached()
        probe.triggered()
        return answer.saying({**members, "attempts": str(members["attempts"])})

    policies.replace(POLICY, answers_changed(policies[POLICY], _SENDS, as_text))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The members in another order."""

    def in_order(_scope: Scope, answer: Answer) -> Answer:
        members = answer.members()
        if answer.status != 202 or "attempts" not in members:
            return answer
        probe.reached()
        return answer.saying(dict(sorted(members.items())))

    policies.replace(POLICY, answers_changed(policies[POLICY], _SENDS, in_order))


DEFECT = Defect(
    id="count-sent-as-text",
    family="rest-semantics",
    title="A number in the answer to a message is sent as text.",
    breaks=("api.responses-match-schema",),
    apply=_apply,
    twin=_twin,
)
