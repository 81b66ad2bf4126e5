"""A message no longer says how many attempts it may have."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_READS = at("GET", "/api/hub/messages/")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def without(_scope: Scope, answer: Answer) -> Answer:
        members = answer.members()
        if answer.status != 200 or "max_attempts" not in members:
            return answer
        probe.reached()
        probe.triggered()
        return answer.saying({name: value for name, value in members.items() if name != "max_attempts"})

    policies.replace(POLICY, answers_changed(policies[POLICY], _READS, without))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The members in another order."""

    def in_order(_scope: Scope, answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        probe.reached()
        return answer.saying(dict(sorted(answer.members().items())))

    policies.replace(POLICY, answers_changed(policies[POLICY], _READS, in_order))


DEFECT = Defect(
    id="response-member-removed",
    family="contract-evolution",
    title="A member that clients read is no longer in the answer.",
    breaks=("testing.interactions-verified",),
    apply=_apply,
    twin=_twin,
)
