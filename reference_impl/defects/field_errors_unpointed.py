"""A refusal names wrong members by dots instead of by JSON Pointers."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.problems import DocumentPolicy
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Problem


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: DocumentPolicy = policies["gateway.problem_document"]

    def dotted(
        problem: Problem, cause: BaseException | None, document: dict[str, object]
    ) -> dict[str, object]:
        answer = right(problem, cause, document)
        errors = answer.get("errors")
        if not isinstance(errors, list):
            return answer
        probe.reached()
        probe.triggered()
        renamed = [{**each, "pointer": str(each["pointer"]).strip("/").replace("/", ".")} for each in errors]
        return {**answer, "errors": renamed}

    policies.replace("gateway.problem_document", dotted)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """A member more says how many there are."""
    right: DocumentPolicy = policies["gateway.problem_document"]

    def counted(
        problem: Problem, cause: BaseException | None, document: dict[str, object]
    ) -> dict[str, object]:
        answer = right(problem, cause, document)
        errors = answer.get("errors")
        if not isinstance(errors, list):
            return answer
        probe.reached()
        return {**answer, "error_count": len(errors)}

    policies.replace("gateway.problem_document", counted)


DEFECT = Defect(
    id="field-errors-unpointed",
    family="rest-semantics",
    title="A refusal names wrong members by dots instead of by JSON Pointers.",
    breaks=("errors.field-errors-point",),
    apply=_apply,
    twin=_twin,
)
