"""Pages of a connection: cut at their cursor, whole over ties, counted truly; a node is what it was."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from harness.layers.scenarios.core_profile import GraphQL
from harness.layers.scenarios.expect import member
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.signals import baseline

_CHAPTERS = """
query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: ChapterFilter,
       $orderBy: ChapterOrderBy) {
  chapters(documentId: $id, first: $first, after: $after, last: $last, before: $before, filter: $filter,
           orderBy: $orderBy) {
    totalCount
    edges { cursor node { __typename id title level words } }
    pageInfo { hasNextPage }
  }
}"""
_UPLOAD = """
mutation ($title: String!, $content: String!) {
  uploadDocument(title: $title, content: $content, format: MARKDOWN) {
    document { id } userErrors { message }
  }
}"""
_EXTRACT = """
mutation ($id: ID!) {
  extractChapters(input: {documentId: $id}) { document { id chapterCount } userErrors { message } }
}"""
_NODE = """
query ($id: ID!) {
  node(id: $id) { __typename id ... on Document { title } ... on Chapter { title level words } }
}"""
#: Chapters of which several are alike in words and in title, on two levels.
_TEXT = "\n\n".join(
    f"{'#' * level} {title}\n\n{'word ' * words}"
    for level, title, words in (
        (1, "Same", 3), (2, "Same", 3), (1, "Other", 3), (2, "Same", 3), (1, "Same", 5), (2, "Other", 3),
        (1, "Last", 3),
    )
)  # fmt: skip
_COUNT = 7


@pytest.fixture
def document(graphql: GraphQL) -> str:
    """A document with chapters that sort alike."""
    with baseline("nothing-extracted"):
        uploaded = graphql.data(_UPLOAD, title="Alike", content=_TEXT)
        identity: str = member(uploaded, "uploadDocument", "document", "id")
        extracted = graphql.data(_EXTRACT, id=identity)
        count = member(extracted, "extractChapters", "document", "chapterCount")
        assert count == _COUNT, f"{count} chapters were found, not {_COUNT}"
    return identity


def page(graphql: GraphQL, document: str, **arguments: object) -> Mapping[str, Any]:
    """Return one page of the document's chapters."""
    found: Mapping[str, Any] = member(graphql.data(_CHAPTERS, id=document, **arguments), "chapters")
    return found


def ids(found: Mapping[str, Any]) -> list[str]:
    """Return the ids on a page."""
    return [edge["node"]["id"] for edge in found["edges"]]


@pytest.mark.requirement("graphql.pages-follow-cursor", "after", "before")
def test_a_page_begins_beyond_the_row_of_its_cursor(graphql: GraphQL, document: str, judged: Judged) -> None:
    """The row that a cursor names is on no page after or before it, and its neighbours are."""
    everything = page(graphql, document, first=100)
    whole, cursors = ids(everything), [edge["cursor"] for edge in everything["edges"]]
    with baseline():
        assert len(whole) == _COUNT, f"the first page of 100 shows {len(whole)} of {_COUNT} chapters"
    with judged("after"):
        for place, cursor in enumerate(cursors):
            seen = ids(page(graphql, document, first=2, after=cursor))
            assert seen == whole[place + 1 : place + 3], f"after row {place} come {places(seen, whole)}"
    with judged("before"):
        for place, cursor in enumerate(cursors):
            seen = ids(page(graphql, document, last=2, before=cursor))
            left = whole[max(0, place - 2) : place]
            assert seen == left, f"before row {place} come {places(seen, whole)}"


def places(seen: Sequence[str], whole: Sequence[str]) -> list[int]:
    """Return where the shown rows stand in the whole list."""
    return [whole.index(each) if each in whole else -1 for each in seen]


@pytest.mark.requirement("graphql.order-total")
@pytest.mark.parametrize("field", ["TITLE", "WORDS", "POSITION"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_pages_over_rows_that_sort_alike_show_each_of_them_once(
    graphql: GraphQL, document: str, field: str, direction: str
) -> None:
    """However the list is sorted, its pages one after the other hold every chapter exactly once."""
    order = {"field": field, "direction": direction}
    seen: list[str] = []
    cursor, more = None, True

    while more and len(seen) <= 2 * _COUNT:
        found = page(graphql, document, first=2, after=cursor, orderBy=order)
        seen += ids(found)
        more = found["pageInfo"]["hasNextPage"] and bool(found["edges"])
        cursor = found["edges"][-1]["cursor"] if found["edges"] else cursor

    assert len(seen) == len(set(seen)), f"sorted by {field} {direction} a chapter is on two pages"
    assert len(seen) == _COUNT, f"sorted by {field} {direction} {len(seen)} of {_COUNT} chapters are shown"


@pytest.mark.requirement("graphql.total-count-true")
def test_the_total_is_that_of_the_filtered_list(graphql: GraphQL, document: str) -> None:
    """totalCount is the number of rows that the filter lets through, whatever page is shown."""
    for selection in ({}, {"maxLevel": 1}, {"titleContains": "same"}, {"minWords": 5}, {"minWords": 999}):
        shown = len(page(graphql, document, first=100, filter=selection)["edges"])
        for size in (1, 3, 100):
            said = page(graphql, document, first=size, filter=selection)["totalCount"]
            assert said == shown, (
                f"filtered by {selection} there are {shown} chapters and totalCount is {said}"
            )


@pytest.mark.requirement("graphql.node-refetches")
def test_node_gives_back_the_object_that_carried_the_id(graphql: GraphQL, document: str) -> None:
    """Every id that a list shows gives the same object again: its type, its id and its members."""
    listed = [edge["node"] for edge in page(graphql, document, first=100)["edges"]]
    with baseline():
        assert len(listed) == _COUNT, "the chapters are not listed"
    for shown in listed:
        again = member(graphql.data(_NODE, id=shown["id"]), "node")
        assert again == shown, f"node({shown['id']}) gives {again} where the list shows {shown}"
    itself = member(graphql.data(_NODE, id=document), "node")
    kind = (itself or {}).get("__typename")
    assert (kind, itself["id"], itself["title"]) == ("Document", document, "Alike"), f"node gives {itself}"
    several = graphql.data(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[*reversed([each["id"] for each in listed])]
    )
    order = [each["id"] for each in member(several, "nodes")]
    assert order == [each["id"] for each in reversed(listed)], "nodes are not in the order of their ids"
