"""An edit of a version that is no longer current overwrites the newer one."""

from reference_impl.auth.policies import EditCondition
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import PreconditionFailed


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: EditCondition = policies["auth.edit_condition"]

    def any_version(if_match: str | None, etag: str) -> None:
        try:
            right(if_match, etag)
        except PreconditionFailed:
            probe.reached()
            probe.triggered()

    policies.replace("auth.edit_condition", any_version)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The refusal has other words and does not give the present tag away."""
    right: EditCondition = policies["auth.edit_condition"]

    def without_tag(if_match: str | None, etag: str) -> None:
        probe.reached()
        try:
            right(if_match, etag)
        except PreconditionFailed:
            raise PreconditionFailed("Somebody was quicker. Read it again.") from None

    policies.replace("auth.edit_condition", without_tag)


DEFECT = Defect(
    id="stale-edit-accepted",
    family="rest-semantics",
    title="An edit of a version that is no longer current overwrites the newer one.",
    breaks=("api.conditional-writes-honoured",),
    apply=_apply,
    twin=_twin,
)
