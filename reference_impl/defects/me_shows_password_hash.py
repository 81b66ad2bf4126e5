"""The answer about oneself is the stored row, the hash of the password included."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$sbYpZbqDoGy4YHZ1tq8mVwFWOlgl3zhGZ3jiRmHMWYo"
_ME = at("GET", "/auth/me")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def whole_row(_scope: Scope, answer: Answer) -> Answer:
        probe.reached()
        if answer.status != 200:
            return answer
        probe.triggered()
        return answer.saying({**answer.members(), "password_hash": _HASH})

    policies.replace(POLICY, answers_changed(policies[POLICY], _ME, whole_row))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The members in another order are the same document."""

    def turned(_scope: Scope, answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        probe.reached()
        return answer.saying(dict(reversed(list(answer.members().items()))))

    policies.replace(POLICY, answers_changed(policies[POLICY], _ME, turned))


DEFECT = Defect(
    id="me-shows-password-hash",
    family="owasp-api",
    title="The answer about oneself shows the hash of the password.",
    breaks=("security.no-secrets-in-answers", "security.answers-without-secrets"),
    apply=_apply,
    twin=_twin,
)
