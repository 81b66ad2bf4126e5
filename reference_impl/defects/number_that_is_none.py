"""The state of the breakers holds a number that JSON does not have."""

import json
from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_STATUS = at("GET", "/api/circuit-breakers/status")


def _with_average(_scope: Scope, answer: Answer) -> Answer:
    """The mean of nothing, as a division of floating-point numbers gives it."""
    return (
        answer.saying({**answer.members(), "mean_failure_rate": float("nan")})
        if answer.status == 200
        else answer
    )


def _set_out(_scope: Scope, answer: Answer) -> Answer:
    if answer.status != 200:
        return answer
    return replace(answer, body=json.dumps(answer.members(), indent=2).encode())


DEFECT = Defect(
    id="number-that-is-none",
    family="rest-semantics",
    title="The state of the breakers holds a number that JSON does not have.",
    breaks=("http.content-as-declared",),
    apply=wrong_answers(_STATUS, _with_average),
    twin=harmless_answers(_STATUS, _set_out),
)
