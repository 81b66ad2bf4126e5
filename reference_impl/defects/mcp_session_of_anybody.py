"""Whoever knows a session's id may use the session."""

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.access import Principal
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.mcp.policies import SessionOwner

_ANYBODY = "anybody"


class _Unbound:
    """Every session is everybody's; wrong when a second caller comes with the id of the first one's."""

    def __init__(self, right: SessionOwner, probe: Probe) -> None:
        self._right = right
        self._probe = probe
        self._first: dict[str, str] = {}

    def __call__(self, principal: Principal, session: str | None) -> str:
        self._probe.reached()
        owner = self._right(principal, session)
        if session is not None and self._first.setdefault(session, owner) != owner:
            self._probe.triggered()
        return _ANYBODY


class _ByTenant:
    """The twin: binds a session to the tenant and the user."""

    def __init__(self, right: SessionOwner, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, principal: Principal, session: str | None) -> str:
        self._probe.reached()
        return f"{principal.tenant}/{self._right(principal, session)}"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.session_owner", _Unbound(policies["mcp.session_owner"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("mcp.session_owner", _ByTenant(policies["mcp.session_owner"], probe))


DEFECT = Defect(
    id="mcp-session-of-anybody",
    family="mcp",
    title="Whoever knows a session's id may use the session.",
    breaks=("mcp.session-bound-to-caller",),
    apply=_apply,
    twin=_twin,
)
