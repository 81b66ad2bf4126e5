"""What is searched for is filled in like a template."""

import re

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, query_of, wrong_answers
from reference_impl.kit.asgi import Scope

_SEARCH = at("GET", "/api/search/web")
_PRODUCT = re.compile(r"\{\{(\d+)\*(\d+)\}\}")


def _filled(found: re.Match[str]) -> str:
    return str(int(found[1]) * int(found[2]))


def _filled_in(scope: Scope, answer: Answer) -> Answer:
    query = query_of(scope, "q")
    if answer.status != 200 or not _PRODUCT.search(query):
        return answer
    return answer.saying({**answer.members(), "query": _PRODUCT.sub(_filled, query)})


def _as_it_is(_scope: Scope, answer: Answer) -> Answer:
    return answer.saying(answer.members()) if answer.status == 200 else answer


DEFECT = Defect(
    id="query-is-a-template",
    family="owasp-api",
    title="What is searched for is filled in like a template.",
    breaks=("security.templates-not-injectable",),
    apply=wrong_answers(_SEARCH, _filled_in),
    twin=harmless_answers(_SEARCH, _as_it_is),
)
