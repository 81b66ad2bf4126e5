"""A registration gives the roles that its body asks for, and shows them."""

import json
from contextvars import ContextVar

from reference_impl.auth.policies import FirstRoles
from reference_impl.auth.roles import ROLE_TABLE
from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, Answer, answers_changed, at, bodies_changed, members_of
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_REGISTERS = at("POST", "/auth/register")
_asked: ContextVar[frozenset[str]] = ContextVar("roles_asked_and_shown", default=frozenset())


def _settable(members: dict[str, object]) -> bytes:
    return json.dumps({name: value for name, value in members.items() if name != "roles"}).encode()


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: FirstRoles = policies["auth.first_roles"]

    def bind(_scope: Scope, body: bytes) -> bytes:
        members = members_of(body)
        roles = members.get("roles")
        _asked.set(frozenset(roles) & frozenset(ROLE_TABLE) if isinstance(roles, list) else frozenset())
        return _settable(members) if members else body

    def chosen() -> frozenset[str]:
        probe.reached()
        if not _asked.get():
            return right()
        probe.triggered()
        return _asked.get()

    def shown(_scope: Scope, answer: Answer) -> Answer:
        if answer.status >= 300:
            return answer
        return answer.saying({**answer.members(), "roles": sorted(_asked.get() or right())})

    inner = answers_changed(policies[POLICY], _REGISTERS, shown)
    policies.replace(POLICY, bodies_changed(inner, _REGISTERS, bind))
    policies.replace("auth.first_roles", chosen)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Roles in the body are left out without a word."""

    def leave_out(_scope: Scope, body: bytes) -> bytes:
        members = members_of(body)
        if not members:
            return body
        probe.reached()
        return _settable(members)

    policies.replace(POLICY, bodies_changed(policies[POLICY], _REGISTERS, leave_out))


DEFECT = Defect(
    id="roles-chosen-and-shown",
    family="owasp-api",
    title="A registration gives the roles that its body asks for, and shows them.",
    breaks=("security.registrations-unprivileged",),
    apply=_apply,
    twin=_twin,
)
