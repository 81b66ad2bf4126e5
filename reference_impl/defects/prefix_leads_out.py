"""A prefix leads to the files of the machine."""

from posixpath import normpath

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, page, query_of, wrong_answers
from reference_impl.kit.asgi import Scope

_LISTS = at("GET", "/api/storage/objects")
_FOLDER = "/srv/objects/"
_ACCOUNTS = "root:x:0:0:root:/root:/bin/sh\n"


def _place(scope: Scope) -> str:
    return normpath(_FOLDER + query_of(scope, "prefix"))


def _led_out(scope: Scope, answer: Answer) -> Answer:
    """The file that every machine has is made up: no defect gives away what is really there."""
    return page(_ACCOUNTS) if _place(scope) == "/etc/passwd" else answer


def _kept_in(scope: Scope, answer: Answer) -> Answer:
    if answer.status != 200 or _place(scope).startswith(_FOLDER.rstrip("/")):
        return answer
    return answer.saying({**answer.members(), "items": []})


DEFECT = Defect(
    id="prefix-leads-out",
    family="owasp-api",
    title="A prefix leads to the files of the machine.",
    breaks=("security.paths-not-traversable",),
    apply=wrong_answers(_LISTS, _led_out),
    twin=harmless_answers(_LISTS, _kept_in),
)
