"""Whoever registers chooses their own roles."""

import json
from contextvars import ContextVar

from reference_impl.auth.policies import FirstRoles
from reference_impl.auth.roles import ROLE_TABLE
from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, at, bodies_changed, members_of
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_SETTABLE = frozenset({"email", "password"})
_asked: ContextVar[frozenset[str]] = ContextVar("roles_asked_for", default=frozenset())


def _known_members(body: bytes) -> bytes:
    members = members_of(body)
    return json.dumps({name: value for name, value in members.items() if name in _SETTABLE}).encode()


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: FirstRoles = policies["auth.first_roles"]

    def bind(_scope: Scope, body: bytes) -> bytes:
        roles = members_of(body).get("roles")
        if not isinstance(roles, list):
            return body
        probe.reached()
        _asked.set(frozenset(role for role in roles if role in ROLE_TABLE))
        return _known_members(body)

    def chosen() -> frozenset[str]:
        if not _asked.get():
            return right()
        probe.triggered()
        return _asked.get()

    policies.replace(POLICY, bodies_changed(policies[POLICY], at("POST", "/auth/register"), bind))
    policies.replace("auth.first_roles", chosen)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Members that nobody may set are left out without a word and have no effect."""

    def leave_out(_scope: Scope, body: bytes) -> bytes:
        if "roles" not in members_of(body):
            return body
        probe.reached()
        return _known_members(body)

    policies.replace(POLICY, bodies_changed(policies[POLICY], at("POST", "/auth/register"), leave_out))


DEFECT = Defect(
    id="mass-assignment-of-roles",
    family="owasp-api",
    title="Whoever registers chooses their own roles.",
    breaks=("security.mass-assignment-refused",),
    apply=_apply,
    twin=_twin,
)
