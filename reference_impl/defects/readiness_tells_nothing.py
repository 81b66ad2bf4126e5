"""Readiness does not tell on what it depends."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_READY = at("GET", "/health/ready")


def _bare(_scope: Scope, answer: Answer) -> Answer:
    members = answer.members()
    if "status" not in members:
        return answer
    return answer.saying({"status": members["status"]})


def _in_another_order(_scope: Scope, answer: Answer) -> Answer:
    members = answer.members()
    return answer.saying(dict(reversed(list(members.items())))) if "dependencies" in members else answer


DEFECT = Defect(
    id="readiness-tells-nothing",
    family="resilience",
    title="Readiness does not tell on what it depends.",
    breaks=("integrations.dependencies-in-health",),
    apply=wrong_answers(_READY, _bare),
    twin=harmless_answers(_READY, _in_another_order),
)
