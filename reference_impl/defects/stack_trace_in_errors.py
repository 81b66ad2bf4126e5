"""Error answers carry the stack trace of what was raised."""

import traceback

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.problems import DocumentPolicy
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Problem


class _ShowsTrace:
    """Adds the trace as a debug mode that was left on does."""

    def __init__(self, right: DocumentPolicy, probe: Probe) -> None:
        self._right = right
        self._probe = probe

    def __call__(
        self, problem: Problem, cause: BaseException | None, document: dict[str, object]
    ) -> dict[str, object]:
        answer = self._right(problem, cause, document)
        raised = cause or problem
        self._probe.reached()
        if raised.__traceback__ is None:
            return answer
        self._probe.triggered()
        return {**answer, "trace": "".join(traceback.format_exception(raised))}


def _apply(policies: PolicyTable, probe: Probe) -> None:
    name = "gateway.problem_document"
    policies.replace(name, _ShowsTrace(policies[name], probe))


DEFECT = Defect(
    id="stack-trace-in-errors",
    family="owasp-api",
    title="Error answers carry the stack trace of what was raised.",
    breaks=("errors.no-stack-traces",),
    apply=_apply,
)
