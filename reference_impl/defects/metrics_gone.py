"""Metrics are served nowhere."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, page, wrong_pages
from reference_impl.kit.asgi import Scope

_METRICS = at("GET", "/metrics")


def _nothing(_scope: Scope) -> Answer:
    return page(
        '{"type": "about:blank", "title": "Not found", "status": 404}', "application/problem+json", 404
    )


def _uncached(_scope: Scope, answer: Answer) -> Answer:
    return answer.headed(b"cache-control", b"no-store, no-cache")


DEFECT = Defect(
    id="metrics-gone",
    family="resilience",
    title="Metrics are served nowhere.",
    breaks=("monitoring.metrics-served",),
    apply=wrong_pages(_METRICS, _nothing),
    twin=harmless_answers(_METRICS, _uncached),
)
