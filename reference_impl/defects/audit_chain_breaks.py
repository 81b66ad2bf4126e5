"""A record of a failure is not tied to the one before it."""

from dataclasses import replace
from datetime import datetime

from reference_impl.auth.audit import GENESIS, digest
from reference_impl.auth.models import AuditEntry, AuditEvent, ChainHead, Result
from reference_impl.auth.policies import Link
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: Link = policies["auth.audit_link"]

    def loose(head: ChainHead, entry: AuditEntry, at: datetime) -> AuditEvent:
        event = right(head, entry, at)
        if entry.result is not Result.FAILURE or head == GENESIS:
            return event
        probe.reached()
        probe.triggered()
        untied = replace(event, previous_hash=GENESIS.hash)
        return replace(untied, hash=digest(untied))

    policies.replace("auth.audit_link", loose)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """An empty detail more is part of the record and of its hash."""
    right: Link = policies["auth.audit_link"]

    def longer(head: ChainHead, entry: AuditEntry, at: datetime) -> AuditEvent:
        probe.reached()
        return right(head, replace(entry, details={**entry.details, "note": ""}), at)

    policies.replace("auth.audit_link", longer)


DEFECT = Defect(
    id="audit-chain-breaks",
    family="owasp-api",
    title="A record of a failure is not tied to the one before it.",
    breaks=("security.audit-chain-verifies",),
    apply=_apply,
    twin=_twin,
)
