"""Who lost a role keeps what it allowed for as long as an access token of before lasts."""

from datetime import datetime

from reference_impl.auth.models import User
from reference_impl.auth.policies import RecallTokens
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    def recall_nothing(user: User, _now: datetime) -> User:
        probe.reached()
        probe.triggered()
        return user

    policies.replace("auth.after_role_change", recall_nothing)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Two generations at once recall no more than one."""
    right: RecallTokens = policies["auth.after_role_change"]

    def recall_twice(user: User, now: datetime) -> User:
        probe.reached()
        return right(right(user, now), now)

    policies.replace("auth.after_role_change", recall_twice)


DEFECT = Defect(
    id="role-change-keeps-old-tokens",
    family="session",
    title="Who lost a role keeps what it allowed until the access token expires.",
    breaks=("auth.role-loss-at-once",),
    apply=_apply,
    twin=_twin,
)
