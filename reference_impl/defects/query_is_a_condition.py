"""What is searched for is written into a statement as it is."""

import sqlite3

from reference_impl.defects.mechanism import Defect
from reference_impl.defects.rewriting import Answer, at, harmless_answers, query_of, wrong_answers
from reference_impl.kit.asgi import Scope

_SEARCH = at("GET", "/api/search/news")
_RESULTS = "results"


def _is_true_in_a_statement(text: str) -> bool:
    """Whether the text turns a condition that nothing meets into one that everything meets."""
    database = sqlite3.connect(":memory:")
    try:
        row = database.execute(f"SELECT 1 WHERE 'word' = '{text}'").fetchone()
    except (sqlite3.Error, sqlite3.Warning):
        return False
    finally:
        database.close()
    return row is not None


def _everything(scope: Scope, answer: Answer) -> Answer:
    """Whoever makes the condition true gets what there is, twice over."""
    members = answer.members()
    if _RESULTS not in members or not _is_true_in_a_statement(query_of(scope, "q")):
        return answer
    return answer.saying({**members, _RESULTS: [*members[_RESULTS], *members[_RESULTS]]})


def _written_anew(_scope: Scope, answer: Answer) -> Answer:
    return answer.saying(answer.members()) if answer.status == 200 else answer


DEFECT = Defect(
    id="query-is-a-condition",
    family="owasp-api",
    title="What is searched for is written into a statement as it is.",
    breaks=("security.sql-not-injectable",),
    apply=wrong_answers(_SEARCH, _everything),
    twin=harmless_answers(_SEARCH, _written_anew),
)
