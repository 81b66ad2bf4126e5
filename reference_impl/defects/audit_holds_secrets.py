"""The audit trail keeps what was sent to log in, the password included."""

from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime

from reference_impl.auth.models import AuditEntry, AuditEvent, ChainHead
from reference_impl.auth.policies import Link
from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import POLICY, at, bodies_changed
from reference_impl.kit.asgi import Scope
from reference_impl.kit.policies import PolicyTable, Probe

_sent: ContextVar[str] = ContextVar("login_body", default="")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Link = policies["auth.audit_link"]

    def remember(_scope: Scope, body: bytes) -> bytes:
        _sent.set(body.decode("utf-8", "replace"))
        return body

    def with_body(head: ChainHead, entry: AuditEntry, at_: datetime) -> AuditEvent:
        probe.reached()
        if not _sent.get():
            return right(head, entry, at_)
        probe.triggered()
        return right(head, replace(entry, details={**entry.details, "request": _sent.get()}), at_)

    policies.replace(POLICY, bodies_changed(policies[POLICY], at("POST", "/auth/login"), remember))
    policies.replace("auth.audit_link", with_body)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A detail that is no secret may be kept: by which door somebody came."""
    right: Link = policies["auth.audit_link"]

    def with_door(head: ChainHead, entry: AuditEntry, at_: datetime) -> AuditEvent:
        probe.reached()
        return right(head, replace(entry, details={**entry.details, "door": "http"}), at_)

    policies.replace("auth.audit_link", with_door)


DEFECT = Defect(
    id="audit-holds-secrets",
    family="owasp-api",
    title="The audit trail keeps what was sent to log in, the password included.",
    breaks=("security.audit-chain-verifies",),
    apply=_apply,
    twin=_twin,
)
