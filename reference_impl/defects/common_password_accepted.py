"""A password that is on everybody's list is accepted."""

from reference_impl.auth.passwords import PasswordRules
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _NoList:
    """Has lost the list of common passwords."""

    def __init__(self, right: PasswordRules, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def objection(self, password: str, email: str) -> str | None:
        reason = self._right.objection(password, email)
        self._probe.reached()
        if not (reason is not None and "common" in reason):
            return reason
        self._probe.triggered()
        return None


class _OtherWords:
    """Objects to the same passwords, in other words."""

    def __init__(self, right: PasswordRules, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def objection(self, password: str, email: str) -> str | None:
        self._probe.reached()
        reason = self._right.objection(password, email)
        return None if reason is None else f"sorry, {reason}"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.password_rules", _NoList(policies["auth.password_rules"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.password_rules", _OtherWords(policies["auth.password_rules"], probe))


DEFECT = Defect(
    id="common-password-accepted",
    family="owasp-api",
    title="A password that is on everybody's list is accepted.",
    breaks=("auth.weak-password-refused", "security.common-passwords-refused"),
    apply=_apply,
    twin=_twin,
)
