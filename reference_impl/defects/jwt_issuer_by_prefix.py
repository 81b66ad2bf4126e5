"""An issuer whose name begins like the right one is taken for it."""

from reference_impl.auth.policies import Issuer
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _BeginsAlike:
    """Compares as far as the expected name goes."""

    def __init__(self, right: Issuer, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, issuer: str, expected: str) -> bool:
        if self._right.accepts(issuer, expected):
            return True
        self._probe.reached()
        accepted = issuer.startswith(expected)
        if accepted:
            suspect()
        return accepted


class _FormerName:
    """An issuer that was renamed is known by its former name, letter by letter, for a while."""

    def __init__(self, right: Issuer, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, issuer: str, expected: str) -> bool:
        self._probe.reached()
        return self._right.accepts(issuer, expected) or issuer == "https://former.issuer.example/core"


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.issuer", _BeginsAlike(policies["auth.issuer"], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.issuer", _FormerName(policies["auth.issuer"], probe))


DEFECT = Defect(
    id="jwt-issuer-by-prefix",
    family="jwt",
    title="An issuer whose name begins like the right one is accepted.",
    breaks=("auth.jwt-issuer-checked",),
    apply=_apply,
    twin=_twin,
)
