"""The status member of a problem is not the status of the answer."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.problems import DocumentPolicy
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Problem


class _SaysBadRequest:
    """Calls every client's mistake a 400."""

    def __init__(self, right: DocumentPolicy, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(
        self, problem: Problem, cause: BaseException | None, document: dict[str, object]
    ) -> dict[str, object]:
        answer = self._right(problem, cause, document)
        self._probe.reached()
        if answer.get("status") == 400:
            return answer
        self._probe.triggered()
        return {**answer, "status": 400}


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "gateway.problem_document"
    policies.replace(name, _SaysBadRequest(policies[name], probe))


DEFECT = Defect(
    id="problem-status-disagrees",
    family="rest-semantics",
    title="The status member of a problem is not the status of the answer.",
    breaks=("errors.problem-status-matches",),
    apply=_apply,
)
