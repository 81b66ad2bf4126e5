"""A refusal names the first wrong member and keeps the others to itself."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.problems import Members, harmless_problems, wrong_problems

_ERRORS = "errors"


def _first_only(members: Members) -> Members | None:
    errors = members.get(_ERRORS, ())
    return {**members, _ERRORS: errors[:1]} if len(errors) > 1 else None


def _turned(members: Members) -> Members | None:
    return {**members, _ERRORS: members[_ERRORS][::-1]} if _ERRORS in members else None


DEFECT = Defect(
    id="first-field-error-only",
    family="rest-semantics",
    title="A refusal names the first wrong member and none of the others.",
    breaks=("errors.field-errors-point",),
    apply=wrong_problems(_first_only),
    twin=harmless_problems(_turned),
)
