"""A login with an unknown name fails at once: its time tells who has an account."""

from reference_impl.auth.models import User
from reference_impl.auth.policies import Enumeration
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Problem


class _SkipsTheHash:
    """Has nothing to compare with for a name that nobody has, and compares nothing."""

    def __init__(self, right: Enumeration, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def hash_to_check(self, user: User | None, nobody: str) -> str:
        if user is not None:
            return self._right.hash_to_check(user, nobody)
        self._probe.reached()
        self._probe.triggered()
        return ""  # no hash: nothing fits, and nothing is computed

    def refusal(self, user: User | None) -> Problem:
        return self._right.refusal(user)


class _OneHashForAll:
    """Takes as long for everybody."""

    def __init__(self, right: Enumeration, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def hash_to_check(self, user: User | None, nobody: str) -> str:
        self._probe.reached()
        return self._right.hash_to_check(user, nobody)

    def refusal(self, user: User | None) -> Problem:
        return self._right.refusal(user)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.enumeration", _SkipsTheHash(policies["auth.enumeration"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.enumeration", _OneHashForAll(policies["auth.enumeration"], probe))


DEFECT = Defect(
    id="login-quick-for-unknown-names",
    family="owasp-api",
    title="A login with an unknown name fails faster than one with a known name.",
    breaks=("auth.login-enumeration-safe",),
    apply=_apply,
    twin=_twin,
)
