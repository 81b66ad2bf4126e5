"""A password that is too short is filled up instead of refused."""

import json

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, at, bodies_changed, members_of
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_SHORT = 8
_FILLING = "-9w#Kq2!zu7Tb4"
_DOORS = (at("POST", "/auth/register"), at("POST", "/auth/login"))


def _is_door(scope: Scope) -> bool:
    return any(door(scope) for door in _DOORS)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def filled(scope: Scope, body: bytes) -> bytes:
        members = members_of(body)
        password = members.get("password")
        probe.reached()
        if not isinstance(password, str) or not 1 <= len(password) < _SHORT:
            return body
        if scope["path"].endswith("register"):
            probe.triggered()
        return json.dumps({**members, "password": password + _FILLING}).encode()

    policies.replace(POLICY, bodies_changed(policies[POLICY], _is_door, filled))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A sound body is parsed and written anew on its way."""

    def written_anew(_scope: Scope, body: bytes) -> bytes:
        members = members_of(body)
        if not members:
            return body
        probe.reached()
        return json.dumps(members).encode()

    policies.replace(POLICY, bodies_changed(policies[POLICY], _is_door, written_anew))


DEFECT = Defect(
    id="short-password-filled-up",
    family="owasp-api",
    title="A password that is too short is filled up instead of refused.",
    breaks=("security.short-passwords-refused",),
    apply=_apply,
    twin=_twin,
)
