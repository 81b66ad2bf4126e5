"""An access token is good for a month."""

from reference_impl.auth.policies import AccessLifetime
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe

_MONTH = 30 * 24 * 3600


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def month(_seconds: int) -> int:
        probe.reached()
        probe.triggered()
        return _MONTH

    policies.replace("auth.access_lifetime", month)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A minute more."""
    right: AccessLifetime = policies["auth.access_lifetime"]

    def longer(seconds: int) -> int:
        probe.reached()
        return right(seconds) + 60

    policies.replace("auth.access_lifetime", longer)


DEFECT = Defect(
    id="access-token-for-a-month",
    family="jwt",
    title="An access token is good for a month.",
    breaks=("security.jwt-expires",),
    apply=_apply,
    twin=_twin,
)
