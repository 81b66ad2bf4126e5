"""Administrators are shown the hashes of all passwords."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_LISTS = at("GET", "/auth/users")
_HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$sbYpZbqDoGy4YHZ1tq8mVwFWOlgl3zhGZ3jiRmHMWYo"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def whole_rows(_scope: Scope, answer: Answer) -> Answer:
        page = answer.members()
        if answer.status != 200:
            return answer
        probe.reached()
        probe.triggered()
        return answer.saying({**page, "items": [{**row, "credential": _HASH} for row in page["items"]]})

    policies.replace(POLICY, answers_changed(policies[POLICY], _LISTS, whole_rows))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The members of the page in another order."""

    def in_order(_scope: Scope, answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        probe.reached()
        return answer.saying(dict(sorted(answer.members().items())))

    policies.replace(POLICY, answers_changed(policies[POLICY], _LISTS, in_order))


DEFECT = Defect(
    id="user-list-shows-hashes",
    family="owasp-api",
    title="Administrators are shown the hashes of all passwords.",
    breaks=("security.no-secrets-in-answers",),
    apply=_apply,
    twin=_twin,
)
