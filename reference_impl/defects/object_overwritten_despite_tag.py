"""An object is replaced although If-Match names another version of it."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.storage.errors import ConditionFailed
from reference_impl.storage.models import Conditions, Entry
from reference_impl.storage.policies import WriteConditions


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: WriteConditions = policies["storage.write_conditions"]

    def any_version(conditions: Conditions, current: Entry | None) -> None:
        try:
            right(conditions, current)
        except ConditionFailed:
            right(replace(conditions, if_match=None), current)
            probe.reached()
            probe.triggered()

    policies.replace("storage.write_conditions", any_version)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """What must not be there is looked at before what must."""
    right: WriteConditions = policies["storage.write_conditions"]

    def one_by_one(conditions: Conditions, current: Entry | None) -> None:
        probe.reached()
        right(replace(conditions, if_match=None), current)
        right(replace(conditions, if_none_match=None), current)

    policies.replace("storage.write_conditions", one_by_one)


DEFECT = Defect(
    id="object-overwritten-despite-tag",
    family="rest-semantics",
    title="An object is replaced although If-Match names another version of it.",
    breaks=("http.stale-writes-refused",),
    apply=_apply,
    twin=_twin,
)
