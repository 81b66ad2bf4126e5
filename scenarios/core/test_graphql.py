"""GraphQL: pages that tell the truth, cursors that hold, nodes that stay private, errors with codes."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import Account, Accounts, GraphQL
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.expect import member
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.signals import baseline

_CHAPTERS = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  chapters(documentId: $id, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    edges { cursor node { id position } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
_DOCUMENTS = """
query ($first: Int, $after: String) {
  documents(first: $first, after: $after) { edges { cursor node { id title } } pageInfo { hasNextPage } }
}"""
_UPLOAD = """
mutation ($title: String!) {
  uploadDocument(title: $title, content: "Text.") { document { id } userErrors { message } }
}"""
_DELETE = "mutation ($id: ID!) { deleteDocument(id: $id) { deletedId userErrors { message } } }"
_NODE = """
query ($id: ID!) {
  node(id: $id) { __typename id ... on Document { title content } ... on Chapter { body } }
}"""
_INTERNALS = re.compile(
    r"Traceback|File \"|\.py\b|sqlalchemy|sqlite|asyncpg|strawberry|<class|0x[0-9a-f]{6,}|\bself\b",
    re.IGNORECASE,
)


class Chapters:
    """The chapters of one document, page by page."""

    def __init__(self, graphql: GraphQL, document: str) -> None:
        self._graphql = graphql
        self._document = document

    def page(self, **arguments: object) -> Mapping[str, Any]:
        """Return one page of the connection."""
        data = self._graphql.data(_CHAPTERS, id=self._document, **arguments)
        page: Mapping[str, Any] = member(data, "chapters")
        check_cursors(page)
        return page


def positions(page: Mapping[str, Any]) -> list[int]:
    """Return the places in the document that a page shows."""
    return [edge["node"]["position"] for edge in page["edges"]]


def check_cursors(page: Mapping[str, Any]) -> None:
    """The ends that pageInfo names are the cursors of the first and the last edge."""
    cursors = [edge["cursor"] for edge in page["edges"]]
    ends = (page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"])
    assert ends == ((cursors[0], cursors[-1]) if cursors else (None, None)), f"pageInfo names {ends}"


@pytest.fixture
def document(control: Control, account: Account) -> Mapping[str, Any]:
    """A document of five chapters."""
    return control.state("an extracted document", token=account.token, chapters=5)


@pytest.fixture
def chapters(graphql: GraphQL, document: Mapping[str, Any]) -> Chapters:
    """Its chapters."""
    return Chapters(graphql, document["document_id"])


@pytest.mark.requirement("graphql.page-info-true", "forward", "backward")
def test_page_info_tells_whether_there_is_more(chapters: Chapters, judged: Judged) -> None:
    """hasNextPage forward and hasPreviousPage backward are true exactly when there is more that way."""
    with baseline():
        everything = chapters.page(first=100)
        assert len(everything["edges"]) == everything["totalCount"] == 5, "there are not five chapters"
    whole = positions(everything)
    with judged("forward"):
        for size in (1, 2, 4, 5, 6):
            page = chapters.page(first=size)
            assert positions(page) == whole[:size], f"first: {size} shows {positions(page)}"
            said = page["pageInfo"]["hasNextPage"]
            assert said is (size < 5), f"first: {size} of 5 says hasNextPage {said}"
        for start in range(5):
            page = chapters.page(first=2, after=everything["edges"][start]["cursor"])
            left = whole[start + 1 :]
            assert positions(page) == left[:2], f"after number {start} come {positions(page)}"
            said = page["pageInfo"]["hasNextPage"]
            assert said is (len(left) > 2), f"2 of {len(left)} left, and hasNextPage is {said}"
    with judged("backward"):
        for size in (1, 2, 4, 5, 6):
            page = chapters.page(last=size)
            assert positions(page) == whole[-size:], f"last: {size} shows {positions(page)}"
            said = page["pageInfo"]["hasPreviousPage"]
            assert said is (size < 5), f"last: {size} of 5 says hasPreviousPage {said}"
        for end in range(5):
            page = chapters.page(last=2, before=everything["edges"][end]["cursor"])
            left = whole[:end]
            assert positions(page) == left[-2:], f"before number {end} come {positions(page)}"
            said = page["pageInfo"]["hasPreviousPage"]
            assert said is (len(left) > 2), f"2 of {len(left)} left, and hasPreviousPage is {said}"


@pytest.mark.requirement("graphql.cursors-stable")
@pytest.mark.parametrize("deleted", ["none", "the cursor's own", "an earlier one"])
def test_pages_neither_repeat_nor_skip_while_others_come_and_go(graphql: GraphQL, deleted: str) -> None:
    """Documents that are inserted or deleted between two pages neither repeat nor hide any other."""
    with baseline():
        uploaded = [upload(graphql, f"Number {number}") for number in range(7)]
        first = member(graphql.data(_DOCUMENTS, first=3), "documents")
    seen = [edge["node"]["id"] for edge in first["edges"]]
    assert sorted(seen) == sorted(uploaded[-3:]), "the newest three are not on the first page"

    upload(graphql, "Inserted meanwhile")
    if deleted != "none":
        gone = seen[-1] if deleted == "the cursor's own" else seen[0]
        graphql.data(_DELETE, id=gone)
    rest: list[str] = []
    cursor, more = first["edges"][-1]["cursor"], True
    while more and len(rest) < len(uploaded):
        page = member(graphql.data(_DOCUMENTS, first=2, after=cursor), "documents")
        rest += [edge["node"]["id"] for edge in page["edges"]]
        more = page["pageInfo"]["hasNextPage"] and bool(page["edges"])
        cursor = page["edges"][-1]["cursor"] if page["edges"] else cursor

    assert not set(rest) & set(seen), "a document is on two pages"
    assert len(rest) == len(set(rest)), "a document is on two pages"
    missing = set(uploaded[:-3]) - set(rest)
    assert not missing, f"{len(missing)} documents are on no page"


def upload(graphql: GraphQL, title: str) -> str:
    """Upload a document and return its id."""
    identity: str = member(graphql.data(_UPLOAD, title=title), "uploadDocument", "document", "id")
    return identity


@pytest.mark.requirement("graphql.node-ownership")
def test_node_shows_nobody_another_users_object(
    document: Mapping[str, Any],
    graphql: GraphQL,
    accounts: Accounts,
    graphql_of: Callable[[httpx.Client], GraphQL],
    unique: str,
) -> None:
    """node, nodes and every other way to an object by its id show it to its owner alone."""
    ids = (document["document_id"], document["chapter_id"])
    with baseline():
        for identity in ids:
            assert member(graphql.data(_NODE, id=identity), "node", "id") == identity, (
                "the owner sees nothing"
            )

    for other in (accounts.shared(), accounts(tenant=f"tenant-{unique}"), accounts.shared("reader")):
        stranger = graphql_of(other.client)
        for identity in ids:
            answer = stranger.ask(_NODE, id=identity)
            assert not (answer.get("data") or {}).get("node"), f"node({identity}) shows {answer['data']}"
        several = stranger.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=list(ids))
        assert not any((several.get("data") or {}).get("nodes") or ()), "nodes shows another user's object"
        direct = stranger.ask("query ($id: ID!) { document(id: $id) { title content } }", id=ids[0])
        assert not (direct.get("data") or {}).get("document"), "document shows another user's"
        within = stranger.ask(_CHAPTERS, id=ids[0], first=5)
        assert not (within.get("data") or {}).get("chapters"), "chapters shows another user's"
        stranger.ask(_DELETE, id=ids[0])
    assert member(graphql.data(_NODE, id=ids[0]), "node", "id") == ids[0], "a stranger deleted the document"


def wrong_requests(document: str) -> Mapping[str, tuple[str, Mapping[str, object]]]:
    """Return operations that must fail, each in its own way."""
    deep = "{ node(id: 1) " + "{ ... on Chapter { parent " * 20 + "{ id }" + " } }" * 20 + " }"
    return {
        "a syntax error": ("{ documents(first: 1 ", {}),
        "an unknown field": ("{ documentz { id } }", {}),
        "an argument of another type": ('{ documents(first: "one") { totalCount } }', {}),
        "a variable that is missing": ("query ($id: ID!) { node(id: $id) { id } }", {}),
        "a cursor that is none": (_CHAPTERS, {"id": document, "first": 2, "after": "not-a-cursor"}),
        "a negative page size": (_CHAPTERS, {"id": document, "first": -1}),
        "both directions at once": (_CHAPTERS, {"id": document, "first": 1, "last": 1}),
        "a document nested too deep": (deep, {}),
    }


@pytest.mark.requirement("errors.graphql-errors-coded")
def test_every_graphql_error_has_a_code_and_no_internals(
    graphql: GraphQL, document: Mapping[str, Any]
) -> None:
    """Whatever is wrong with an operation, each error has extensions.code and shows nothing internal."""
    for what, (query, variables) in wrong_requests(document["document_id"]).items():
        check_errors(graphql.ask(query, **variables).get("errors") or (), what)


@pytest.mark.requirement("errors.graphql-errors-coded")
def test_a_mutation_without_the_permission_is_refused_with_a_code(
    accounts: Accounts, graphql_of: Callable[[httpx.Client], GraphQL]
) -> None:
    """A reader's mutation is refused with a coded error and has no effect."""
    reader = graphql_of(accounts.shared("reader").client)

    answer = reader.ask(_UPLOAD, title="Not allowed")

    check_errors(answer.get("errors") or (), "a mutation by a reader")
    assert not (answer.get("data") or {}).get("uploadDocument"), "a reader uploaded a document"


def check_errors(errors: Sequence[Mapping[str, Any]], what: str) -> None:
    """There are errors, and all of them are for a client to read."""
    assert errors, f"{what} is answered without an error"
    for error in errors:
        code = (error.get("extensions") or {}).get("code")
        assert isinstance(code, str), f"{what} is answered without a code: {error}"
        assert code, f"{what} is answered with an empty code: {error}"
        leak = _INTERNALS.search(str(error.get("message", "")) + str(error.get("extensions")))
        assert not leak, f"{what} is answered with {leak[0]!r} in it: {error}"
