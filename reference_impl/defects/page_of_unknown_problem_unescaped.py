"""The page that says that a type of problem is not known shows its name unescaped."""

from html import escape
from urllib.parse import unquote

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, page, wrong_answers
from reference_impl.kit.asgi import Scope

_PROBLEMS = at("GET", "/problems/")
_HTML = "text/html; charset=utf-8"


def _named(scope: Scope) -> str:
    return unquote(scope["path"].rpartition("/")[2])


def _unescaped(scope: Scope, answer: Answer) -> Answer:
    return (
        answer if answer.status < 400 else page(f"<p>No problem is called {_named(scope)}.</p>", _HTML, 404)
    )


def _escaped(scope: Scope, answer: Answer) -> Answer:
    if answer.status != 404:
        return answer
    return answer.saying({**answer.members(), "detail": f"No problem is called {escape(_named(scope))}."})


DEFECT = Defect(
    id="page-of-unknown-problem-unescaped",
    family="owasp-api",
    title="The page that says that a type of problem is not known shows its name unescaped.",
    breaks=("security.html-escaped",),
    apply=wrong_answers(_PROBLEMS, _unescaped),
    twin=harmless_answers(_PROBLEMS, _escaped),
)
