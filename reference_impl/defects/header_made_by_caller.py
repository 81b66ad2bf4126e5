"""A line break in a prefix makes a header field of the answer."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, query_of, wrong_answers
from reference_impl.kit.asgi import Scope

_LISTS = at("GET", "/api/storage/objects")
_ECHO = b"x-prefix"


def _as_written(scope: Scope, answer: Answer) -> Answer:
    """What a server that writes the value as it is would send."""
    first, *rest = query_of(scope, "prefix").split("\r\n")
    if not first:
        return answer
    fields = [line.partition(":") for line in rest if ":" in line]
    answer = answer.headed(_ECHO, first.encode("latin-1", "replace"))
    for name, _, value in fields:
        answer = answer.headed(name.strip().lower().encode("latin-1", "replace"), value.strip().encode())
    return answer


def _escaped(scope: Scope, answer: Answer) -> Answer:
    prefix = query_of(scope, "prefix")
    return answer.headed(_ECHO, prefix.encode("unicode_escape")) if prefix else answer


DEFECT = Defect(
    id="header-made-by-caller",
    family="owasp-api",
    title="A line break in a prefix makes a header field of the answer.",
    breaks=("security.headers-not-injectable",),
    apply=wrong_answers(_LISTS, _as_written),
    twin=harmless_answers(_LISTS, _escaped),
)
