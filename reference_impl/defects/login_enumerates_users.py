"""A failed login says whether the address has an account."""

from reference_impl.auth.models import User
from reference_impl.auth.policies import Enumeration
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Problem, Unauthorized


class _TellsUnknownAddresses:
    """Has words of its own for an address without an account."""

    def __init__(self, right: Enumeration, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def hash_to_check(self, user: User | None, nobody: str) -> str:
        return self._right.hash_to_check(user, nobody)

    def refusal(self, user: User | None) -> Problem:
        if user is not None:
            return self._right.refusal(user)
        self._probe.reached()
        self._probe.triggered()
        return Unauthorized("No account has this e-mail address.")


class _OtherWordsForAll:
    """The twin: the words change from one deployment to the next, but are the same for everybody."""

    def __init__(self, right: Enumeration, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def hash_to_check(self, user: User | None, nobody: str) -> str:
        return self._right.hash_to_check(user, nobody)

    def refusal(self, user: User | None) -> Problem:  # noqa: ARG002 - not looking at it is what makes it clean
        self._probe.reached()
        return Unauthorized("That did not work. Check the address and the password, then try again.")


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.enumeration", _TellsUnknownAddresses(policies["auth.enumeration"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.enumeration", _OtherWordsForAll(policies["auth.enumeration"], probe))


DEFECT = Defect(
    id="login-enumerates-users",
    family="owasp-api",
    title="A failed login says whether the address has an account.",
    breaks=("auth.login-enumeration-safe", "security.accounts-not-enumerable"),
    apply=_apply,
    twin=_twin,
)
