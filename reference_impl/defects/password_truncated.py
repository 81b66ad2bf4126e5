"""Of a password only the first 72 bytes count, as a hash that reads no more has it."""

from reference_impl.auth.passwords import PasswordBytes
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_MOST_BYTES = 72


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: PasswordBytes = policies["auth.password_bytes"]

    def cut(password: str) -> bytes:
        whole = right(password)
        probe.reached()
        if len(whole) > _MOST_BYTES:
            probe.triggered()
        return whole[:_MOST_BYTES]

    policies.replace("auth.password_bytes", cut)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Blanks at the end count like all others, and a marker after them changes nothing."""
    right: PasswordBytes = policies["auth.password_bytes"]

    def marked(password: str) -> bytes:
        probe.reached()
        return right(password) + b"\x00"

    policies.replace("auth.password_bytes", marked)


DEFECT = Defect(
    id="password-truncated",
    family="owasp-api",
    title="Of a password only the first 72 bytes count.",
    breaks=("auth.password-used-whole",),
    apply=_apply,
    twin=_twin,
)
