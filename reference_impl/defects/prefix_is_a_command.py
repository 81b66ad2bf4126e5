"""A prefix stands in a shell's command line."""

import re

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, query_of, wrong_answers
from reference_impl.kit.asgi import Scope

_LISTS = at("GET", "/api/storage/objects")
_ARITHMETIC = re.compile(r"\$\(\((\d+)\*(\d+)\)\)")


def _expanded(scope: Scope, answer: Answer) -> Answer:
    """What a shell would print of it."""
    found = _ARITHMETIC.search(query_of(scope, "prefix"))
    if found is None or answer.status != 200:
        return answer
    return answer.saying({**answer.members(), "listing": str(int(found[1]) * int(found[2]))})


def _quoted(scope: Scope, answer: Answer) -> Answer:
    prefix = query_of(scope, "prefix")
    if not prefix or answer.status != 200:
        return answer
    return answer.saying({**answer.members(), "listing": prefix})


DEFECT = Defect(
    id="prefix-is-a-command",
    family="owasp-api",
    title="A prefix stands in a shell's command line.",
    breaks=("security.commands-not-injectable",),
    apply=wrong_answers(_LISTS, _expanded),
    twin=harmless_answers(_LISTS, _quoted),
)
