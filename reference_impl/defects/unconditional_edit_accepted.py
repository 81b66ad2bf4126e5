"""An edit that names no version is carried out, whatever happened meanwhile."""

from reference_impl.auth.policies import EditCondition
from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: EditCondition = policies["auth.edit_condition"]

    def when_named(if_match: str | None, etag: str) -> None:
        if if_match is not None:
            right(if_match, etag)
            return
        probe.reached()
        probe.triggered()

    policies.replace("auth.edit_condition", when_named)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Blanks around the tags are no other tags."""
    right: EditCondition = policies["auth.edit_condition"]

    def trimmed(if_match: str | None, etag: str) -> None:
        probe.reached()
        right(None if if_match is None else if_match.strip(), etag)

    policies.replace("auth.edit_condition", trimmed)


DEFECT = Defect(
    id="unconditional-edit-accepted",
    family="rest-semantics",
    title="An edit that names no version is carried out.",
    breaks=("api.conditional-writes-honoured",),
    apply=_apply,
    twin=_twin,
)
