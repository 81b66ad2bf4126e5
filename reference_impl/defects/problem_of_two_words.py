"""A problem names in its instance the request, which is no reference."""

from reference_impl.defects.mechanism import Defect
from reference_impl.gateway.problems import DocumentPolicy
from reference_impl.kit.policies import Apply, PolicyTable, Probe
from reference_impl.kit.problem import Problem


def _with(member: str, words: str, *, is_wrong: bool) -> Apply:
    def apply(policies: PolicyTable, probe: Probe) -> None:
        right: DocumentPolicy = policies["gateway.problem_document"]

        def document(
            problem: Problem, cause: BaseException | None, plain: dict[str, object]
        ) -> dict[str, object]:
            made = right(problem, cause, plain)
            probe.reached()
            if is_wrong:
                probe.triggered()
            return {**made, member: f"{words} {made['instance']}"}

        policies.replace("gateway.problem_document", document)

    return apply


DEFECT = Defect(
    id="problem-of-two-words",
    family="rest-semantics",
    title="A problem names in its instance the request, which is no reference.",
    breaks=("errors.problem-details-valid",),
    apply=_with("instance", "the request to", is_wrong=True),
    twin=_with("hint", "about", is_wrong=False),
)
