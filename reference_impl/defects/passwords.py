"""What defects of the password rules share: a reason to object that counts for nothing."""

from reference_impl.auth.passwords import PasswordRules
from reference_impl.kit.policies import Apply, PolicyTable, Probe

_POLICY = "auth.password_rules"


class _Lifted:
    """Objects for every reason but the one that has these words."""

    def __init__(self, right: PasswordRules, probe: Probe, words: str) -> None:
        self._right = right
        self._probe = probe
        self._words = words

    def objection(self, password: str, email: str) -> str | None:
        reason = self._right.objection(password, email)
        self._probe.reached()
        if reason is None or self._words not in reason:
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


def without_objection(words: str) -> Apply:
    """A defect: nobody objects for the reason that is told in these words."""

    def apply(policies: PolicyTable, probe: Probe) -> None:
        policies.replace(_POLICY, _Lifted(policies[_POLICY], probe, words))

    return apply


def in_other_words(policies: PolicyTable, probe: Probe) -> None:
    """A twin: the reasons are told in other words."""
    policies.replace(_POLICY, _OtherWords(policies[_POLICY], probe))
