"""A password is taken in any letter case."""

import hashlib

from reference_impl.auth.passwords import PasswordBytes
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: PasswordBytes = policies["auth.password_bytes"]

    def folded(password: str) -> bytes:
        probe.reached()
        if password != password.casefold():
            probe.triggered()
        return right(password.casefold())

    policies.replace("auth.password_bytes", folded)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A fast hash before the slow one keeps every character."""
    right: PasswordBytes = policies["auth.password_bytes"]

    def digested(password: str) -> bytes:
        probe.reached()
        return hashlib.sha256(right(password)).hexdigest().encode()

    policies.replace("auth.password_bytes", digested)


DEFECT = Defect(
    id="password-case-folded",
    family="owasp-api",
    title="A password is taken in any letter case.",
    breaks=("auth.password-used-whole",),
    apply=_apply,
    twin=_twin,
)
