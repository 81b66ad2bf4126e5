"""The last item of a page is on no page."""

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, query_of, wrong_answers
from reference_impl.kit.asgi import Scope

_LISTS = at("GET", "/api/hub/messages")
_ITEMS = "items"


def _cut(scope: Scope, answer: Answer) -> Answer:
    """Only small pages lose one: whoever asks for everything gets it."""
    members = answer.members()
    items = members.get(_ITEMS)
    if query_of(scope, "limit") != "2" or not items or len(items) < 2:
        return answer
    return answer.saying({**members, _ITEMS: items[:-1]})


def _written_anew(_scope: Scope, answer: Answer) -> Answer:
    members = answer.members()
    return answer.saying(members) if _ITEMS in members else answer


DEFECT = Defect(
    id="last-page-cut",
    family="rest-semantics",
    title="The last item of a page is on no page.",
    breaks=("api.pages-complete",),
    apply=wrong_answers(_LISTS, _cut),
    twin=harmless_answers(_LISTS, _written_anew),
)
