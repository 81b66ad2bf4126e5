"""What does not exist is told in the body of a success."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_READS = at("GET", "/api/hub/messages/")
_JSON = (b"content-type", b"application/json")


def _as_success(_scope: Scope, answer: Answer) -> Answer:
    if answer.status != 404:
        return answer
    members = answer.members()
    told = answer.saying({"success": False, "message": str(members.get("detail", "Not found."))})
    return replace(told, status=200, headers=[*(f for f in told.headers if f[0] != _JSON[0]), _JSON])


def _with_code(_scope: Scope, answer: Answer) -> Answer:
    return answer.saying({**answer.members(), "code": "not-found"}) if answer.status == 404 else answer


DEFECT = Defect(
    id="missing-told-in-success",
    family="rest-semantics",
    title="What does not exist is told in the body of a success.",
    breaks=("errors.not-in-success",),
    apply=wrong_answers(_READS, _as_success),
    twin=harmless_answers(_READS, _with_code),
)
