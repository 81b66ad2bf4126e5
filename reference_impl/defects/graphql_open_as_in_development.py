"""The GraphQL endpoint runs with the settings of a developer's machine."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_ASKS = at("POST", "/graphql")
_HARDENED = False


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def seen(_scope: Scope, answer: Answer) -> Answer:
        probe.reached()
        if b"__schema" in answer.body or b"Did you mean" in answer.body:
            probe.triggered()
        return answer

    policies.replace("chapters.hardening", _HARDENED)
    policies.replace(POLICY, answers_changed(policies[POLICY], _ASKS, seen))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Refusals are made in other words."""

    def in_other_words(_scope: Scope, answer: Answer) -> Answer:
        members = answer.members()
        errors = members.get("errors")
        if not isinstance(errors, list):
            return answer
        probe.reached()
        return answer.saying(
            {**members, "errors": [{**error, "message": f"Refused: {error['message']}"} for error in errors]}
        )

    policies.replace(POLICY, answers_changed(policies[POLICY], _ASKS, in_other_words))


DEFECT = Defect(
    id="graphql-open-as-in-development",
    family="graphql-http",
    title="The GraphQL endpoint runs with the settings of a developer's machine.",
    breaks=("graphql.suggestions-off",),
    apply=_apply,
    twin=_twin,
)
