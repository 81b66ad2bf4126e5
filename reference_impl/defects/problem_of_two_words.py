"""A problem names in its instance the request, which is no reference."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.problems import Members, harmless_problems, wrong_problems


def _in_words(members: Members) -> Members | None:
    return {**members, "instance": f"the request to {members['instance']}"}


def _with_hint(members: Members) -> Members | None:
    return {**members, "hint": f"It was about {members['instance']}."}


DEFECT = Defect(
    id="problem-of-two-words",
    family="rest-semantics",
    title="A problem names in its instance the request, which is no reference.",
    breaks=("errors.problem-details-valid",),
    apply=wrong_problems(_in_words),
    twin=harmless_problems(_with_hint),
)
