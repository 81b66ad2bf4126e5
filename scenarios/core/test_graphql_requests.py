"""One GraphQL request: the operation that was named, within limits, for whoever may, on what is there now."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import Accounts, GraphQL
from harness.layers.scenarios.expect import expect_status, member
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.metrics import Samples
from harness.layers.scenarios.signals import baseline

_TITLES = "{ documents(first: 100) { totalCount edges { node { id title } } } }"
_UPLOAD = """
mutation ($title: String!) {
  uploadDocument(title: $title, content: "# One\\n\\nText.", format: MARKDOWN) {
    document { id } userErrors { message }
  }
}"""
_EXTRACT = "mutation ($id: ID!) { extractChapters(input: {documentId: $id}) { userErrors { message } } }"
_DELETE = "mutation ($id: ID!) { deleteDocument(id: $id) { deletedId userErrors { message } } }"
_COUNTED = "query ($id: ID!) { node(id: $id) { ... on Document { chapterCount extractedAt } } }"
_PAGE = "query ($first: Int!) { documents(first: $first) { edges { node { content chapterCount } } } }"
_MANY = 12
Scrape = Callable[[], Samples]


def upload(graphql: GraphQL, title: str) -> str:
    """Upload a document and return its id."""
    identity: str = member(graphql.data(_UPLOAD, title=title), "uploadDocument", "document", "id")
    return identity


def titles(graphql: GraphQL) -> list[str]:
    """Return the titles of all documents that a caller has."""
    edges = member(graphql.data(_TITLES), "documents", "edges")
    return [edge["node"]["title"] for edge in edges]


def heavy(document: str) -> Mapping[str, str]:
    """Return queries that are valid and ask for far more than any client needs."""
    here = f'node(id: "{document}")'
    return {
        "depth": f"{{ {here} {{ ... on Chapter {{ " + "parent { " * 60 + "id" + " }" * 60 + " } } }",
        "fields": "{ " + here + " { " + "... { id } " * 450 + "} }",
        "directives": "{ " + here + " { " + "... @include(if: true) { id } " * 150 + "} }",
    }


@pytest.mark.requirement("graphql.size-bounded", "depth", "fields", "directives")
def test_a_document_that_asks_for_far_too_much_is_refused(graphql: GraphQL, judged: Judged) -> None:
    """Sixty levels, 450 fields or 150 directives are refused with an error before anything is run."""
    with baseline():
        document = upload(graphql, "Light")
        graphql.data("query ($id: ID!) { node(id: $id) { ... @include(if: true) { id } } }", id=document)
    for subject, query in heavy(document).items():
        with judged(subject):
            answer = graphql.ask(query)
            assert answer.get("errors"), f"a document with too many {subject} is answered without an error"
            assert not answer.get("data"), f"a document with too many {subject} is run"


@pytest.mark.requirement("graphql.named-operation-runs")
def test_of_several_operations_only_the_named_one_runs(graphql: GraphQL, unique: str) -> None:
    """operationName decides; without it a document of several operations is refused, and nothing runs."""
    one, two = f"one {unique}", f"two {unique}"
    document = "".join(
        f' mutation {name} {{ uploadDocument(title: "{title}", content: "Text.") {{ document {{ id }} }} }}'
        for name, title in (("One", one), ("Two", two))
    )

    def send(**members: str) -> Mapping[str, Any]:
        accept = {"Accept": "application/graphql-response+json, application/json"}
        answer = graphql.client.post(graphql.path, json={"query": document, **members}, headers=accept)
        found: Mapping[str, Any] = expect_status(answer, 200, 400).json()
        return found

    assert not send(operationName="Two").get("errors"), "the named operation is not run"
    assert titles(graphql) == [two], f"Two was named and {titles(graphql)} were uploaded"
    for members in ({}, {"operationName": "Three"}):
        assert send(**members).get("errors"), f"with {members or 'no name'} there is no error"
    assert titles(graphql) == [two], f"what nobody named was run: {titles(graphql)}"


@pytest.mark.requirement("graphql.reads-see-writes")
def test_a_query_sees_what_the_callers_own_mutation_did(graphql: GraphQL, unique: str) -> None:
    """After an upload, an extraction and a deletion the very next query shows each of them."""
    document = upload(graphql, unique)
    assert titles(graphql) == [unique], "an uploaded document is not listed"
    before = member(graphql.data(_COUNTED, id=document), "node")
    assert before == {"chapterCount": 0, "extractedAt": None}, f"before any extraction it shows {before}"
    with baseline("not-extracted"):
        graphql.data(_EXTRACT, id=document)

    after = member(graphql.data(_COUNTED, id=document), "node")
    assert after["chapterCount"] == 1, f"after the extraction the document shows {after}"
    assert after["extractedAt"], f"after the extraction the document shows {after}"
    with baseline("not-deleted"):
        graphql.data(_DELETE, id=document)

    assert member(graphql.data(_COUNTED, id=document), "node") is None, "a deleted document is still shown"
    assert not titles(graphql), "a deleted document is still listed"


@pytest.mark.requirement("graphql.mutations-need-permission")
def test_who_may_only_read_changes_nothing_by_a_mutation(
    accounts: Accounts, graphql_of: Callable[[httpx.Client], GraphQL]
) -> None:
    """A reader's query is answered, and no mutation of theirs has an effect."""
    reader = graphql_of(accounts("reader").client)
    with baseline():
        assert titles(reader) == [], "a fresh reader has documents"

    answer = reader.ask(_UPLOAD, title="Not allowed")

    assert answer.get("errors"), "a reader's mutation is answered without an error"
    assert not (answer.get("data") or {}).get("uploadDocument"), "a reader's mutation is carried out"
    assert titles(reader) == [], "a reader uploaded a document"


@pytest.mark.requirement("graphql.statements-bounded")
@pytest.mark.depth("standard")
def test_a_longer_page_takes_no_more_statements(graphql: GraphQL, scrape: Scrape) -> None:
    """Twelve documents with their contents and counts take as many statements as two of them."""
    for number in range(_MANY):
        upload(graphql, f"Number {number}")
    with baseline("no-metric"):
        assert scrape().has("database_statements_total"), "there is no metric database_statements_total"

    def least(first: int) -> float:
        """The least of several times: what runs beside the query counts, too."""
        return min(taken(first) for _ in range(8))

    def taken(first: int) -> float:
        before = scrape().total("database_statements_total")
        edges = member(graphql.data(_PAGE, first=first), "documents", "edges")
        assert len(edges) == first, f"{len(edges)} documents are on a page of {first}"
        return scrape().total("database_statements_total") - before

    short, long = least(2), least(_MANY)

    assert long < short + (_MANY - 2) / 2, (
        f"a page of 2 takes {short:g} statements and one of {_MANY} takes {long:g}"
    )
