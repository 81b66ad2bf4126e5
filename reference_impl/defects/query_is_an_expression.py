"""What is searched for is computed like a line of code."""

import re

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, query_of, wrong_answers
from reference_impl.kit.asgi import Scope

_SEARCH = at("GET", "/api/search/web")
_PRODUCT = re.compile(r"(\d+)\*(\d+)")


def _computed(scope: Scope, answer: Answer) -> Answer:
    line = _PRODUCT.fullmatch(query_of(scope, "q"))
    if answer.status != 200 or line is None:
        return answer
    return answer.saying({**answer.members(), "query": str(int(line[1]) * int(line[2]))})


def _as_it_is(_scope: Scope, answer: Answer) -> Answer:
    return answer.saying(answer.members()) if answer.status == 200 else answer


DEFECT = Defect(
    id="query-is-an-expression",
    family="owasp-api",
    title="What is searched for is computed like a line of code.",
    breaks=("security.expressions-not-evaluated",),
    apply=wrong_answers(_SEARCH, _computed),
    twin=harmless_answers(_SEARCH, _as_it_is),
)
