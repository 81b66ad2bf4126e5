"""The data of a GraphQL answer is held against its schema: types, nullability, enums, lists, fragments."""

import pytest
from graphql import build_schema

from harness.layers.scenarios.graphql_shape import mismatches

SCHEMA = build_schema("""
    interface Node { id: ID! }
    enum Color { RED GREEN }
    scalar Moment
    type Book implements Node {
      id: ID!, title: String!, pages: Int, color: Color, at: Moment, tags: [String!]!
    }
    type Shelf implements Node { id: ID!, books: [Book!]!, weight: Float!, is_full: Boolean! }
    type Query { node: Node, shelf: Shelf! }
""")
SHELF = "{ shelf { id weight is_full books { name: title pages color at tags } } }"
BOOK_AT = "data.shelf.books[0]"
BOOK = {"name": "One", "pages": None, "color": "RED", "at": {"any": 1}, "tags": ["a"]}


def book(**changes: object) -> object:
    """Return good data for SHELF with some members of its one book changed."""
    return shelf(books=[{**BOOK, **changes}])


def shelf(**changes: object) -> object:
    """Return good data for SHELF with some members changed."""
    return {"shelf": {"id": "1", "weight": 2, "is_full": False, "books": [dict(BOOK)], **changes}}


def test_data_that_is_what_the_schema_promises_has_no_mismatch() -> None:
    assert list(mismatches(SCHEMA, SHELF, shelf())) == []


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        ({"shelf": None}, "data.shelf is null, and the schema says Shelf!"),
        ({}, "data.shelf is missing"),
        (None, "data is None and not an object"),
        (shelf(id=1), "data.shelf.id is 1, and the schema says ID"),
        (shelf(weight="2"), "data.shelf.weight is '2', and the schema says Float"),
        (shelf(is_full=0), "data.shelf.is_full is 0, and the schema says Boolean"),
        (shelf(books={}), "data.shelf.books is {}, and the schema says [Book!]"),
        (shelf(books=[None]), "data.shelf.books[0] is null, and the schema says Book!"),
        (book(name=None), BOOK_AT + ".name is null, and the schema says String!"),
        (book(pages=True), BOOK_AT + ".pages is True, and the schema says Int"),
        (book(pages=2**31), BOOK_AT + ".pages is 2147483648, and the schema says Int"),
        (book(color="BLUE"), BOOK_AT + ".color is 'BLUE', and the schema says Color"),
        (book(tags=[None]), BOOK_AT + ".tags[0] is null, and the schema says String!"),
    ],
)  # fmt: skip
def test_each_mismatch_is_named_with_its_place(data: object, seen: str) -> None:
    assert list(mismatches(SCHEMA, SHELF, data)) == [seen]


NODE = """
query { node { __typename id ... on Book { title } ...Heavy } }
fragment Heavy on Shelf { weight }
"""


@pytest.mark.parametrize(
    ("node", "seen"),
    [
        (None, []),
        ({"__typename": "Book", "id": "1", "title": "One"}, []),
        ({"__typename": "Shelf", "id": "1", "weight": 1.5}, []),
        ({"__typename": "Book", "id": "1"}, ["data.node.title is missing"]),
        (
            {"__typename": "Shelf", "id": "1", "weight": None},
            ["data.node.weight is null, and the schema says Float!"],
        ),
        ({"__typename": "Color", "id": "1"}, ["data.node is a 'Color', which is no Node"]),
        ({"id": 1}, []),
    ],
)  # fmt: skip
def test_an_abstract_type_is_looked_into_by_its_name(node: object, seen: list[str]) -> None:
    """Without __typename nobody knows which type it is, so nothing is said."""
    assert list(mismatches(SCHEMA, NODE, {"node": node})) == seen
