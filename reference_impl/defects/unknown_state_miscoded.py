"""A provider state that nobody knows is answered as an invalid request."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_STATES = at("POST", "/_control/states")


def _miscoded(_scope: Scope, answer: Answer) -> Answer:
    if answer.status != 404:
        return answer
    return replace(answer.saying({**answer.members(), "status": 422}), status=422)


def _with_code(_scope: Scope, answer: Answer) -> Answer:
    return answer.saying({**answer.members(), "code": "no-such-state"}) if answer.status == 404 else answer


DEFECT = Defect(
    id="unknown-state-miscoded",
    family="contract-evolution",
    title="A provider state that nobody knows is answered as an invalid request.",
    breaks=("testing.control-contract-kept",),
    apply=wrong_answers(_STATES, _miscoded),
    twin=harmless_answers(_STATES, _with_code),
)
