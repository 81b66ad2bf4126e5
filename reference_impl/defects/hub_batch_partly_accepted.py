"""A batch is accepted without those of its messages that cannot be sent."""

from collections.abc import Callable, Sequence

from reference_impl.defects.mechanism import Defect
from reference_impl.hub.models import Draft
from reference_impl.hub.policies import Admission
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Problem

_Check = Callable[[Draft], None]


class _WhatIsGood:
    """Leaves out what is refused, as long as anything is left."""

    def __init__(self, right: Admission, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, drafts: Sequence[Draft], check: _Check) -> Sequence[Draft]:
        self._probe.reached()
        good = [draft for draft in drafts if _passes(draft, check)]
        if not good or len(good) == len(drafts):
            return self._right(drafts, check)
        self._probe.triggered()
        return good


def _passes(draft: Draft, check: _Check) -> bool:
    try:
        check(draft)
    except Problem:
        return False
    return True


class _FromTheEnd:
    """The twin: refuses the whole batch, for the last message that is wrong instead of the first."""

    def __init__(self, right: Admission, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(self, drafts: Sequence[Draft], check: _Check) -> Sequence[Draft]:
        self._probe.reached()
        self._right(drafts[::-1], check)
        return drafts


def _apply(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.admission", _WhatIsGood(policies["hub.admission"], probe))


def _twin(policies: PolicyTable, probe: Probe) -> None:
    policies.replace("hub.admission", _FromTheEnd(policies["hub.admission"], probe))


DEFECT = Defect(
    id="hub-batch-partly-accepted",
    family="queue",
    title="A batch is accepted without those of its messages that cannot be sent.",
    breaks=("hub.batch-all-or-none",),
    apply=_apply,
    twin=_twin,
)
