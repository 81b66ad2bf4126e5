"""Liveness answers with a success that says down."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_LIVE = at("GET", "/health/live")


def _down(_scope: Scope, answer: Answer) -> Answer:
    return answer.saying({**answer.members(), "status": "down"})


def _written_anew(_scope: Scope, answer: Answer) -> Answer:
    return answer.saying(answer.members())


DEFECT = Defect(
    id="health-says-down-and-up",
    family="resilience",
    title="Liveness answers with a success that says down.",
    breaks=("monitoring.health-status-agrees",),
    apply=wrong_answers(_LIVE, _down),
    twin=harmless_answers(_LIVE, _written_anew),
)
