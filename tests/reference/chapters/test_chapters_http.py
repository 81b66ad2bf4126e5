"""GraphQL over HTTP: media types, statuses, limits, ownership, masked errors, query counts."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from graphql import build_client_schema, get_introspection_query, print_schema

from tests.reference.serving import Serving, serving

URL = "/graphql"
GRAPHQL = "application/graphql-response+json"
UPLOAD = (
    "mutation($title: String!, $content: String!) {"
    " uploadDocument(title: $title, content: $content, format: MARKDOWN)"
    " { document { id size } userErrors { code field } } }"
)
EXTRACT = (
    "mutation($id: ID!) { extractChapters(input: {documentId: $id})"
    " { document { chapterCount extractedAt } userErrors { code field } } }"
)
CHAPTERS = (
    "query($id: ID!, $first: Int, $after: String, $filter: ChapterFilter) {"
    " chapters(documentId: $id, first: $first, after: $after, filter: $filter) { totalCount"
    " edges { cursor node { id title position } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("chapters")) as started:
        yield started


@pytest.fixture(scope="module")
def open_served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("open-chapters"), hardened=False) as started:
        yield started


def ask(served: Serving, query: str, token: str = "alice", accept: str = GRAPHQL, **variables: object) -> Any:
    body = {"query": query, "variables": variables}
    return served.call("POST", URL, token=token, json=body, headers={"Accept": accept})


def data(served: Serving, query: str, token: str = "alice", **variables: object) -> Any:
    answer = ask(served, query, token, **variables)
    assert "errors" not in answer.json(), answer.text
    return answer.json()["data"]


def uploaded(
    served: Serving, content: str = "# One\n\na\n\n## Two\n\nb\n\n# Three\n", token: str = "alice"
) -> str:
    payload = data(served, UPLOAD, token, title="Book", content=content)["uploadDocument"]
    return str(payload["document"]["id"])


def extracted(served: Serving, content: str = "# One\n\na\n\n## Two\n\nb\n\n# Three\n") -> str:
    document = uploaded(served, content)
    data(served, EXTRACT, id=document)
    return document


def test_chapters_of_an_upload_are_paged_as_a_relay_connection(served: Serving) -> None:
    document = extracted(served)

    first = data(served, CHAPTERS, id=document, first=2)["chapters"]
    second = data(served, CHAPTERS, id=document, first=2, after=first["pageInfo"]["endCursor"])["chapters"]

    assert [edge["node"]["title"] for edge in first["edges"] + second["edges"]] == ["One", "Two", "Three"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


def test_documents_keep_their_places_when_others_come_and_go_between_pages(served: Serving) -> None:
    ids = [uploaded(served, token="root") for _ in range(4)][::-1]
    page = (
        "query($after: String) { documents(first: 2, after: $after)"
        " { edges { node { id } } pageInfo { endCursor } } }"
    )

    first = data(served, page, "root")["documents"]
    uploaded(served, token="root")
    data(served, "mutation($id: ID!) { deleteDocument(id: $id) { deletedId } }", "root", id=ids[1])
    second = data(served, page, "root", after=first["pageInfo"]["endCursor"])["documents"]

    assert [edge["node"]["id"] for edge in first["edges"]] == ids[:2]
    assert [edge["node"]["id"] for edge in second["edges"]] == ids[2:]


def test_filters_narrow_the_list_and_its_count(served: Serving) -> None:
    document = extracted(served)

    top = data(served, CHAPTERS, id=document, filter={"maxLevel": 1})["chapters"]
    named = data(served, CHAPTERS, id=document, filter={"titleContains": "tW"})["chapters"]

    assert (top["totalCount"], named["totalCount"]) == (2, 1)
    assert data(served, CHAPTERS, id=document, filter={"titleContains": "%"})["chapters"]["totalCount"] == 0


def test_an_object_of_somebody_else_is_as_absent_as_an_unknown_one(served: Serving) -> None:
    document = extracted(served)
    chapter = data(served, CHAPTERS, id=document)["chapters"]["edges"][0]["node"]["id"]
    unknown = document[:-1] + ("0" if document[-1] != "0" else "1")
    query = (
        "query($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id } node(id: $id) { id }"
        " document(id: $id) { title } chapters(documentId: $id) { totalCount } }"
    )

    foreign = ask(served, query, "bob", ids=[document, chapter], id=document)
    absent = ask(served, query, "bob", ids=[unknown, "chp_0"], id=unknown)

    nothing = {"nodes": [None, None], "node": None, "document": None, "chapters": None}
    assert foreign.json() == absent.json() == {"data": nothing}
    assert len(data(served, query, ids=[document, chapter], id=document)["nodes"]) == 2


def test_nobody_can_extract_or_delete_what_is_not_theirs(served: Serving) -> None:
    document = uploaded(served)
    errors = [{"code": "NOT_FOUND", "field": "documentId"}]

    extraction = data(served, EXTRACT, "bob", id=document)["extractChapters"]
    deletion = data(
        served, "mutation($id: ID!) { deleteDocument(id: $id) { deletedId } }", "bob", id=document
    )["deleteDocument"]

    assert extraction == {"document": None, "userErrors": errors}
    assert deletion == {"deletedId": None}
    assert data(served, "query($id: ID!) { document(id: $id) { title } }", id=document)["document"]


def test_a_mutation_needs_the_permission_to_write(served: Serving) -> None:
    answer = ask(served, UPLOAD, "reader", title="t", content="c")

    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert ask(served, "{ documents { totalCount } }", "nothing").status_code == 403
    assert served.client.post(URL, json={"query": "{ __typename }"}).status_code == 401


def test_an_upload_that_is_refused_says_which_argument_is_wrong(served: Serving) -> None:
    blank = data(served, UPLOAD, title=" ", content="x")["uploadDocument"]
    empty = data(served, UPLOAD, title="x", content="")["uploadDocument"]
    nul = data(served, UPLOAD, title="x", content="a\x00b")["uploadDocument"]

    assert blank == {"document": None, "userErrors": [{"code": "INVALID", "field": "title"}]}
    assert empty["userErrors"] == nul["userErrors"] == [{"code": "INVALID", "field": "content"}]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (GRAPHQL, GRAPHQL),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        (f"{GRAPHQL};q=0.5, application/json", "application/json"),
        (f"{GRAPHQL}, application/json;q=0.9", GRAPHQL),
    ],
)
def test_the_media_type_is_the_one_asked_for(served: Serving, accept: str, media: str) -> None:
    answer = ask(served, "{ __typename }", accept=accept)

    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
    assert answer.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: ID!) { document(id: $id) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
        ("{ a " * 50 + "}" * 50, "BAD_USER_INPUT"),
        ("{ a " * 300 + "}" * 300, "GRAPHQL_PARSE_FAILED"),
    ],
)
def test_a_document_that_cannot_run_is_a_400_without_data_and_a_200_for_legacy_json(
    served: Serving, query: str, code: str
) -> None:
    modern, legacy = (ask(served, query, accept=media) for media in (GRAPHQL, "application/json"))

    assert (modern.status_code, legacy.status_code) == (400, 200)
    assert modern.json()["errors"][0]["extensions"]["code"] == code
    assert "data" not in modern.json()
    assert "data" not in legacy.json()


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        ("{", "application/json", 400),
        ('[{"query":"{__typename}"}]', "application/json", 400),
        ("{}", "application/json", 400),
        ('{"query":7}', "application/json", 400),
        ('{"query":"{__typename}","variables":[]}', "application/json", 400),
        ('{"query":"{__typename}","operationName":1}', "application/json", 400),
        ('{"query":"{__typename}"}', "text/plain", 415),
        ('{"query":"{__typename}"}', "application/json; charset=utf-16", 415),
        ("query={__typename}", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_request_that_is_not_well_formed_is_an_http_problem(
    served: Serving, body: str, media: str, status: int
) -> None:
    answer = served.call("POST", URL, content=body, headers={"Content-Type": media})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_queries_may_come_by_get_and_mutations_may_not(served: Serving) -> None:
    query = served.call("GET", URL, params={"query": "query($n: Int) { documents(first: $n) { totalCount } }",
                                            "variables": '{"n": 1}'})  # fmt: skip
    mutation = served.call("GET", URL, params={"query": 'mutation { deleteDocument(id: "x") { deletedId } }'})
    garbled = served.call("GET", URL, params={"query": "{ __typename }", "variables": "["})

    assert "errors" not in query.json()
    assert (mutation.status_code, mutation.headers["allow"]) == (405, "POST")
    assert garbled.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "query",
    [
        "{ documents { edges { node { id } } } }".replace("id", "id " * 1000),
        "{ " + " ".join(f"a{n}: __typename" for n in range(16)) + " }",
        "{ __typename " + "@include(if: true) " * 21 + "}",
        "{ documents { ...A } } fragment A on DocumentConnection { edges { node { ...B ...B ...B } } }"
        " fragment B on Document { ...C ...C ...C ...C ...C } fragment C on Document { "
        + "title " * 25
        + "}",
        "query($id: ID!) { chapters(documentId: $id) { edges { node { "
        + "parent { " * 13
        + "id"
        + " }" * 13
        + " } } } }",
        "{ documents { totalCount } }" + " query Q { __typename }" * 700,
    ],
)
def test_a_document_that_asks_for_too_much_is_refused_before_it_runs(served: Serving, query: str) -> None:
    statements: list[str] = []
    with recorded(served, statements):
        answer = ask(served, query, id="doc_0")

    assert answer.status_code == 400
    assert "data" not in answer.json()
    assert statements == []


def test_fragments_that_go_in_circles_are_refused(served: Serving) -> None:
    answer = ask(served, "{ documents { ...A } } fragment A on DocumentConnection { ...A }")

    assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_tools_can_read_the_whole_schema_of_an_open_one(open_served: Serving) -> None:
    made = build_client_schema(data(open_served, get_introspection_query()))

    assert print_schema(made).count("type ") > 10


@pytest.mark.parametrize(
    "query", ["{ __schema { types { name } } }", '{ a: __type(name: "Query") { name } }']
)
def test_a_hardened_schema_cannot_be_asked_about_itself_and_an_open_one_can(
    served: Serving, open_served: Serving, query: str
) -> None:
    assert ask(served, query).status_code == 400
    assert "data" in ask(open_served, query).json()


def test_a_hardened_schema_suggests_no_names_and_an_open_one_does(
    served: Serving, open_served: Serving
) -> None:
    for query in ("{ documentss { totalCount } }", "{ documents(frst: 1) { totalCount } }"):
        assert "Did you mean" not in ask(served, query).text
        assert "Did you mean" in ask(open_served, query).text


def test_what_fails_inside_keeps_its_words_inside(served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    async def explode(*_: object) -> None:
        raise RuntimeError("SELECT password FROM users in /srv/app.py")

    monkeypatch.setattr("reference_impl.chapters.service.ChapterService.list_documents", explode)

    answer = ask(served, "{ documents { totalCount } }")

    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    assert "SELECT" not in answer.text


@pytest.mark.parametrize("arguments", ["first: 0", "first: 101", "first: 1, last: 1", 'after: "x"'])
def test_a_page_that_makes_no_sense_is_bad_user_input(served: Serving, arguments: str) -> None:
    answer = ask(served, f"{{ documents({arguments}) {{ totalCount }} }}")

    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


class recorded:  # noqa: N801 - reads as a word in a with statement
    """Collects the statements that the application sends to the database."""

    def __init__(self, served: Serving, into: list[str]) -> None:
        self._engine = served.kit.database._engine.sync_engine
        self._into = into

    def _note(self, *given: Any) -> None:
        if "FROM chapter" in given[2]:
            self._into.append(given[2])

    def __enter__(self) -> None:
        sa.event.listen(self._engine, "before_cursor_execute", self._note)

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self._engine, "before_cursor_execute", self._note)


@pytest.mark.parametrize("count", [2, 40])
def test_the_number_of_queries_does_not_grow_with_the_number_of_nodes(served: Serving, count: int) -> None:
    document = extracted(served, "".join(f"# {n}\n\n## {n}.1\n\n" for n in range(count)))
    statements: list[str] = []
    query = (
        "query($id: ID!) { chapters(documentId: $id, first: 100) { totalCount edges { node { title"
        " parent { title } document { title chapterCount content } } } } }"
    )

    with recorded(served, statements):
        listed = data(served, query, id=document)["chapters"]

    assert listed["totalCount"] == count * 2
    assert len(statements) == 9, json.dumps(statements, indent=1)


def test_many_nodes_are_fetched_in_one_query_for_each_type(served: Serving) -> None:
    document = extracted(served)
    ids = [edge["node"]["id"] for edge in data(served, CHAPTERS, id=document)["chapters"]["edges"]]
    statements: list[str] = []

    with recorded(served, statements):
        data(served, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[*ids, document, "doc_0"])

    assert len(statements) == 2
