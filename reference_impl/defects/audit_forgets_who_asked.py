"""The audit trail does not say by which request an event came about."""

from dataclasses import replace
from datetime import datetime

from reference_impl.auth.models import AuditEntry, AuditEvent, ChainHead
from reference_impl.auth.policies import Link
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Link = policies["auth.audit_link"]

    def untrue(head: ChainHead, entry: AuditEntry, at: datetime) -> AuditEvent:
        if not entry.caller.request_id:
            return right(head, entry, at)
        probe.reached()
        probe.triggered()
        return right(head, replace(entry, caller=replace(entry.caller, request_id="")), at)

    policies.replace("auth.audit_link", untrue)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A detail more: the version of the record."""
    right: Link = policies["auth.audit_link"]

    def versioned(head: ChainHead, entry: AuditEntry, at: datetime) -> AuditEvent:
        probe.reached()
        return right(head, replace(entry, details={**entry.details, "record": "1"}), at)

    policies.replace("auth.audit_link", versioned)


DEFECT = Defect(
    id="audit-forgets-who-asked",
    family="owasp-api",
    title="The audit trail does not say by which request an event came about.",
    breaks=("security.audit-says-who-and-how",),
    apply=_apply,
    twin=_twin,
)
