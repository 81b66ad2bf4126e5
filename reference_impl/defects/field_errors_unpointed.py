"""A refusal names wrong members by dots instead of by JSON Pointers."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.problems import Members, harmless_problems, wrong_problems

_ERRORS = "errors"


def _dotted(members: Members) -> Members | None:
    if _ERRORS not in members:
        return None
    renamed = [{**each, "pointer": each["pointer"].strip("/").replace("/", ".")} for each in members[_ERRORS]]
    return {**members, _ERRORS: renamed}


def _counted(members: Members) -> Members | None:
    return {**members, "error_count": len(members[_ERRORS])} if _ERRORS in members else None


DEFECT = Defect(
    id="field-errors-unpointed",
    family="rest-semantics",
    title="A refusal names wrong members by dots instead of by JSON Pointers.",
    breaks=("errors.field-errors-point",),
    apply=wrong_problems(_dotted),
    twin=harmless_problems(_counted),
)
