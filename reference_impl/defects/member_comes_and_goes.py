"""Every other time the health of the breakers lacks a member."""

from itertools import count

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_HEALTH = at("GET", "/api/circuit-breakers/health")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    numbers = count()

    def every_other_time(_scope: Scope, answer: Answer) -> Answer:
        members = answer.members()
        probe.reached()
        if answer.status != 200 or next(numbers) % 2:
            return answer
        probe.triggered()
        return answer.saying(dict(list(members.items())[:-1]))

    policies.replace(POLICY, answers_changed(policies[POLICY], _HEALTH, every_other_time))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Every other time the members come in another order."""
    numbers = count()

    def in_another_order(_scope: Scope, answer: Answer) -> Answer:
        if answer.status != 200 or next(numbers) % 2:
            return answer
        probe.reached()
        return answer.saying(dict(reversed(list(answer.members().items()))))

    policies.replace(POLICY, answers_changed(policies[POLICY], _HEALTH, in_another_order))


DEFECT = Defect(
    id="member-comes-and-goes",
    family="rest-semantics",
    title="Every other time the health of the breakers lacks a member.",
    breaks=("testing.reads-repeatable",),
    apply=_apply,
    twin=_twin,
)
