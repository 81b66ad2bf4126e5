"""The answer to a registration names the new account in a header, where there is one."""

from contextvars import ContextVar
from dataclasses import replace

from reference_impl.auth.models import User
from reference_impl.auth.policies import RegistrationAnswer
from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_REGISTERS = at("POST", "/auth/register")
_created: ContextVar[str] = ContextVar("account_created", default="")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: RegistrationAnswer = policies["auth.registration_answer"]

    def note(created: User | None) -> None:
        right(created)
        _created.set("" if created is None else created.id)

    def located(_scope: Scope, answer: Answer) -> Answer:
        probe.reached()
        if answer.status != 202 or not _created.get():
            return answer
        probe.triggered()
        location = (b"location", f"/auth/users/{_created.get()}".encode())
        return replace(answer, headers=[*answer.headers, location])

    policies.replace("auth.registration_answer", note)
    policies.replace(POLICY, answers_changed(policies[POLICY], _REGISTERS, located))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Every registration is told where to go on."""

    def hinted(_scope: Scope, answer: Answer) -> Answer:
        probe.reached()
        return replace(answer, headers=[*answer.headers, (b"x-next", b"/auth/login")])

    policies.replace(POLICY, answers_changed(policies[POLICY], _REGISTERS, hinted))


DEFECT = Defect(
    id="registration-tells-by-header",
    family="owasp-api",
    title="The answer to a registration names the new account in a header.",
    breaks=("auth.registration-enumeration-safe",),
    apply=_apply,
    twin=_twin,
)
