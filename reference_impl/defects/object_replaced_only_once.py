"""An object can be replaced once; the same PUT again is refused."""

from collections.abc import MutableSet

from reference_impl.defects.mechanism import Defect
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.storage.errors import ConditionFailed
from reference_impl.storage.models import Conditions, Entry
from reference_impl.storage.policies import WriteConditions


def _is_again(replaced: MutableSet[tuple[str, str]], current: Entry | None) -> bool:
    """Whether this is at least the second time that something stands where a write goes."""
    if current is None:
        return False
    place = (current.owner, current.key)
    if place in replaced:
        return True
    replaced.add(place)
    return False


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: WriteConditions = policies["storage.write_conditions"]
    replaced: set[tuple[str, str]] = set()

    def once(conditions: Conditions, current: Entry | None) -> None:
        right(conditions, current)
        probe.reached()
        if _is_again(replaced, current):
            probe.triggered()
            raise ConditionFailed

    policies.replace("storage.write_conditions", once)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """That it was replaced before is noted, and nothing more."""
    right: WriteConditions = policies["storage.write_conditions"]
    replaced: set[tuple[str, str]] = set()

    def noted(conditions: Conditions, current: Entry | None) -> None:
        right(conditions, current)
        probe.reached()
        _is_again(replaced, current)

    policies.replace("storage.write_conditions", noted)


DEFECT = Defect(
    id="object-replaced-only-once",
    family="rest-semantics",
    title="An object can be replaced once; the same PUT again is refused.",
    breaks=("http.puts-idempotent",),
    apply=_apply,
    twin=_twin,
)
