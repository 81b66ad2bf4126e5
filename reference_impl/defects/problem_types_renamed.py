"""The types of problems were renamed, and their pages were not."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.problems import DocumentPolicy
from reference_impl.kit.policies import PolicyTable, Probe
from reference_impl.kit.problem import Problem


def _apply(policies: PolicyTable, probe: Probe) -> None:
    right: DocumentPolicy = policies["gateway.problem_document"]

    def renamed(
        problem: Problem, cause: BaseException | None, document: dict[str, object]
    ) -> dict[str, object]:
        answer = right(problem, cause, document)
        probe.reached()
        base, _, slug = str(answer.get("type", "")).rpartition("/")
        probe.triggered()
        return {**answer, "type": f"{base}/error-{slug}"}

    policies.replace("gateway.problem_document", renamed)


def _twin(policies: PolicyTable, probe: Probe) -> None:
    """The same page is linked twice."""
    right: DocumentPolicy = policies["gateway.problem_document"]

    def with_help(
        problem: Problem, cause: BaseException | None, document: dict[str, object]
    ) -> dict[str, object]:
        answer = right(problem, cause, document)
        probe.reached()
        return {**answer, "help": answer.get("type")}

    policies.replace("gateway.problem_document", with_help)


DEFECT = Defect(
    id="problem-types-renamed",
    family="contract-evolution",
    title="The types of problems were renamed, and their pages were not.",
    breaks=("docs.problem-types-resolve",),
    apply=_apply,
    twin=_twin,
)
