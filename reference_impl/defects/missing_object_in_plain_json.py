"""An object that is not there is told in a format of its own."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_READS = at("GET", "/api/storage/objects/")
_JSON = (b"content-type", b"application/json")


def _of_its_own(_scope: Scope, answer: Answer) -> Answer:
    if answer.status != 404:
        return answer
    told = answer.saying({"error": {"code": "NoSuchKey"}})
    return replace(told, headers=[*(field for field in told.headers if field[0] != _JSON[0]), _JSON])


def _with_code(_scope: Scope, answer: Answer) -> Answer:
    return answer.saying({**answer.members(), "code": "NoSuchKey"}) if answer.status == 404 else answer


DEFECT = Defect(
    id="missing-object-in-plain-json",
    family="rest-semantics",
    title="An object that is not there is told in a format of its own.",
    breaks=("errors.format-consistent",),
    apply=wrong_answers(_READS, _of_its_own),
    twin=harmless_answers(_READS, _with_code),
)
