"""A token without an audience passes: the check runs only where there is something to check."""

from reference_impl.auth.policies import Audience
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _OnlyWhenNamed:
    """Takes a missing audience for everybody."""

    def __init__(self, right: Audience, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, audience: tuple[str, ...], expected: str) -> bool:
        if any(audience):
            return self._right.accepts(audience, expected)
        self._probe.reached()
        suspect()
        return True


class _TwoNames:
    """The service has a second identifier of its own."""

    def __init__(self, right: Audience, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, audience: tuple[str, ...], expected: str) -> bool:
        self._probe.reached()
        return self._right.accepts(audience, expected) or "urn:core:reference" in audience


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.audience", _OnlyWhenNamed(policies["auth.audience"], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.audience", _TwoNames(policies["auth.audience"], probe))


DEFECT = Defect(
    id="jwt-missing-audience-accepted",
    family="jwt",
    title="A token without an audience is accepted.",
    breaks=("auth.jwt-audience-checked",),
    apply=_apply,
    twin=_twin,
)
