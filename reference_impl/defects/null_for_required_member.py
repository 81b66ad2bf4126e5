"""A member that is always there is null while a message waits."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_READS = at("GET", "/api/hub/messages/")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def empty(_scope: Scope, answer: Answer) -> Answer:
        members = answer.members()
        if answer.status != 200 or members.get("state") != "queued":
            return answer
        probe.reached()
        probe.triggered()
        return answer.saying({**members, "available_at": None})

    policies.replace(POLICY, answers_changed(policies[POLICY], _READS, empty))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The members in another order."""

    def spaced(_scope: Scope, answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        probe.reached()
        return answer.saying(dict(sorted(answer.members().items())))

    policies.replace(POLICY, answers_changed(policies[POLICY], _READS, spaced))


DEFECT = Defect(
    id="null-for-required-member",
    family="rest-semantics",
    title="A member of a message that the document promises is null.",
    breaks=("api.responses-match-schema",),
    apply=_apply,
    twin=_twin,
)
