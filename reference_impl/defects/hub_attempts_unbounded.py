"""A message that fails is tried for ever, whatever its sender allowed."""

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.policies import Exhausted
from reference_impl.kit.policies import PolicyTable, Probe


class _Never:
    """There is always another attempt."""

    def __init__(self, right: Exhausted, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, attempts: int, max_attempts: int) -> bool:
        self._probe.reached()
        if self._right(attempts, max_attempts):
            self._probe.triggered()
        return False


class _NoneLeft:
    """The twin: counts the attempts that are left."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def __call__(self, attempts: int, max_attempts: int) -> bool:
        self._probe.reached()
        return max_attempts - attempts <= 0


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.exhausted", _Never(policies["hub.exhausted"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.exhausted", _NoneLeft(probe))


DEFECT = Defect(
    id="hub-attempts-unbounded",
    family="queue",
    title="A message that fails is tried for ever, whatever its sender allowed.",
    breaks=("hub.attempts-bounded",),
    apply=_apply,
    twin=_twin,
)
