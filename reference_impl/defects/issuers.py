"""What defects of the issuer check share: issuers beside the right one that are accepted."""

from collections.abc import Callable

from reference_impl.auth.policies import Issuer
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.kit.policies import Apply, PolicyTable, Probe

_POLICY = "auth.issuer"
_FORMER = "https://former.issuer.example/core"


class _Also:
    """Accepts the right issuer, and others that pass a check of its own."""

    def __init__(self, right: Issuer, probe: Probe, passes: Callable[[str, str], bool]) -> None:
        self._right = right
        self._probe = probe
        self._passes = passes

    def accepts(self, issuer: str, expected: str) -> bool:
        if self._right.accepts(issuer, expected):
            return True
        self._probe.reached()
        accepted = self._passes(issuer, expected)
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
        return self._right.accepts(issuer, expected) or issuer == _FORMER


def also_accepting(passes: Callable[[str, str], bool]) -> Apply:
    """A defect: an issuer is accepted when it passes this, given the expected name."""

    def apply(policies: PolicyTable, probe: Probe) -> None:
        policies.replace(_POLICY, _Also(policies[_POLICY], probe, passes))
        watch(policies, probe)

    return apply


def by_former_name(policies: PolicyTable, probe: Probe) -> None:
    """A twin: the issuer's former name counts, too."""
    policies.replace(_POLICY, _FormerName(policies[_POLICY], probe))
