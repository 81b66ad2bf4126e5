"""The metrics hold one series twice."""

from dataclasses import replace

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, wrong_answers
from reference_impl.kit.asgi import Scope

_METRICS = at("GET", "/metrics")
_END = b"# EOF\n"


def _with(answer: Answer, *lines: bytes) -> Answer:
    body = answer.body.removesuffix(_END)
    ending = _END if body != answer.body else b""
    return replace(answer, body=body + b"".join(lines) + ending)


def _twice(_scope: Scope, answer: Answer) -> Answer:
    samples = [line for line in answer.body.splitlines(keepends=True) if not line.startswith(b"#")]
    return _with(answer, samples[0]) if samples else answer


def _one_more(_scope: Scope, answer: Answer) -> Answer:
    return _with(
        answer,
        b"# HELP up_since_last_look Whether it is up.\n",
        b"# TYPE up_since_last_look gauge\n",
        b"up_since_last_look 1\n",
    )


DEFECT = Defect(
    id="series-told-twice",
    family="resilience",
    title="The metrics hold one series twice.",
    breaks=("monitoring.metrics-well-formed",),
    apply=wrong_answers(_METRICS, _twice),
    twin=harmless_answers(_METRICS, _one_more),
)
