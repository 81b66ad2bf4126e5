"""A write that may only create replaces what is there."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.storage.errors import ConditionFailed
from reference_impl.storage.models import Conditions, Entry
from reference_impl.storage.policies import WriteConditions


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: WriteConditions = policies["storage.write_conditions"]

    def only_if_match(conditions: Conditions, current: Entry | None) -> None:
        try:
            right(conditions, current)
        except ConditionFailed:
            right(replace(conditions, if_none_match=None), current)
            probe.reached()
            probe.triggered()

    policies.replace("storage.write_conditions", only_if_match)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """Asking twice changes nothing."""
    right: WriteConditions = policies["storage.write_conditions"]

    def checked_twice(conditions: Conditions, current: Entry | None) -> None:
        probe.reached()
        right(conditions, current)
        right(conditions, current)

    policies.replace("storage.write_conditions", checked_twice)


DEFECT = Defect(
    id="create-only-replaces",
    family="rest-semantics",
    title="A write that may only create replaces what is there.",
    breaks=("storage.create-only-honoured",),
    apply=_apply,
    twin=_twin,
)
