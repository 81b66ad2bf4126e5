"""A token that the issuer signed for another service is accepted."""

from reference_impl.auth.policies import Audience
from reference_impl.defects.acceptance import suspect, watch
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


class _AnyAudience:
    """Is content with an audience, whichever it is."""

    def __init__(self, right: Audience, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, audience: tuple[str, ...], expected: str) -> bool:
        if self._right.accepts(audience, expected) or not any(audience):
            return self._right.accepts(audience, expected)
        self._probe.reached()
        suspect()
        return True


class _OneOfMany:
    """A token for several services is for this one when it is among them."""

    def __init__(self, right: Audience, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def accepts(self, audience: tuple[str, ...], expected: str) -> bool:
        self._probe.reached()
        return any(self._right.accepts((each,), expected) for each in audience)


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.audience", _AnyAudience(policies["auth.audience"], probe))
    watch(policies, probe)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("auth.audience", _OneOfMany(policies["auth.audience"], probe))


DEFECT = Defect(
    id="jwt-audience-ignored",
    family="jwt",
    title="A token that the issuer signed for another service is accepted.",
    breaks=("auth.jwt-audience-checked",),
    apply=_apply,
    twin=_twin,
)
