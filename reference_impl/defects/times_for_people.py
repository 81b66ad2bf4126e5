"""A message tells its time as a person would write it, not as the document says."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_READS = at("GET", "/api/hub/messages/")
_MADE = "created_at"


def _for_people(_scope: Scope, answer: Answer) -> Answer:
    members = answer.members()
    if _MADE not in members:
        return answer
    return answer.saying({**members, _MADE: str(members[_MADE]).replace("T", " ")[:16]})


def _with_offset(_scope: Scope, answer: Answer) -> Answer:
    members = answer.members()
    if not str(members.get(_MADE, "")).endswith("Z"):
        return answer
    return answer.saying({**members, _MADE: members[_MADE][:-1] + "+00:00"})


DEFECT = Defect(
    id="times-for-people",
    family="rest-semantics",
    title="A message tells its time as a person would write it, not as the document says.",
    breaks=("api.formats-real",),
    apply=wrong_answers(_READS, _for_people),
    twin=harmless_answers(_READS, _with_offset),
)
