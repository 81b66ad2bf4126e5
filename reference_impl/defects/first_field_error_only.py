"""A refusal names the first wrong member and keeps the others to itself."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.problems import DocumentPolicy
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Problem


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: DocumentPolicy = policies["gateway.problem_document"]

    def first_only(
        problem: Problem, cause: BaseException | None, document: dict[str, object]
    ) -> dict[str, object]:
        answer = right(problem, cause, document)
        errors = answer.get("errors")
        if not isinstance(errors, list):
            return answer
        probe.reached()
        if len(errors) > 1:
            probe.triggered()
        return {**answer, "errors": errors[:1]}

    policies.replace("gateway.problem_document", first_only)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The wrong members in another order."""
    right: DocumentPolicy = policies["gateway.problem_document"]

    def turned(
        problem: Problem, cause: BaseException | None, document: dict[str, object]
    ) -> dict[str, object]:
        answer = right(problem, cause, document)
        errors = answer.get("errors")
        if not isinstance(errors, list):
            return answer
        probe.reached()
        return {**answer, "errors": errors[::-1]}

    policies.replace("gateway.problem_document", turned)


DEFECT = Defect(
    id="first-field-error-only",
    family="rest-semantics",
    title="A refusal names the first wrong member and none of the others.",
    breaks=("errors.field-errors-point",),
    apply=_apply,
    twin=_twin,
)
