"""What is searched for stands in a shell's command line."""

import re

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, query_of, wrong_answers
from reference_impl.kit.asgi import Scope

_SEARCH = at("GET", "/api/search/news")
_ARITHMETIC = re.compile(r"\$\(\((\d+)\*(\d+)\)\)")


def _expanded(scope: Scope, answer: Answer) -> Answer:
    """What a shell would print of it."""
    found = _ARITHMETIC.search(query_of(scope, "q"))
    if found is None or answer.status != 200:
        return answer
    return answer.saying({**answer.members(), "query": str(int(found[1]) * int(found[2]))})


def _quoted(_scope: Scope, answer: Answer) -> Answer:
    return answer.saying(answer.members()) if answer.status == 200 else answer


DEFECT = Defect(
    id="query-is-a-command",
    family="owasp-api",
    title="What is searched for stands in a shell's command line.",
    breaks=("security.commands-not-injectable",),
    apply=wrong_answers(_SEARCH, _expanded),
    twin=harmless_answers(_SEARCH, _quoted),
)
