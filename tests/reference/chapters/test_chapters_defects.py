"""The seeded defects of chapter extraction are wrong where they say so, and counted only there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reference.serving import Serving, serving


@pytest.fixture
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path, defects=(request.param,)) as started:
        yield started


def counts(served: Serving) -> tuple[bool, int, int]:
    (state,) = served.client.get("/_control/defects").json()["defects"]
    return state["applied"], state["reached"], state["triggered"]


def document_of_alice(served: Serving) -> dict[str, str]:
    body = {"state": "an extracted document", "action": "setup", "params": {"token": "alice"}}
    values: dict[str, str] = served.client.post("/_control/states", json=body).json()
    return values


@pytest.mark.parametrize("served", ["relay-has-next-page-always"], indirect=True)
def test_a_false_promise_of_a_next_page_counts_when_it_is_read(served: Serving) -> None:
    document = document_of_alice(served)["document_id"]

    def ask(size: int, fields: str) -> object:
        query = f'{{ chapters(documentId: "{document}", first: {size}) {{ pageInfo {{ {fields} }} }} }}'
        answer = served.call("POST", "/graphql", json={"query": query}).json()
        return answer["data"]["chapters"]["pageInfo"]

    ask(3, "endCursor hasPreviousPage")
    assert counts(served) == (True, 0, 0)
    assert ask(2, "hasNextPage") == {"hasNextPage": True}
    assert counts(served) == (True, 1, 0)
    assert ask(3, "hasNextPage") == {"hasNextPage": True}
    assert counts(served) == (True, 2, 1)


@pytest.mark.parametrize("served", ["node-ownership-ignored"], indirect=True)
def test_a_foreign_node_counts_when_it_is_given_away(served: Serving) -> None:
    chapter = document_of_alice(served)["chapter_id"]
    query = {"query": f'{{ node(id: "{chapter}") {{ id }} }}'}
    before = counts(served)

    own = served.call("POST", "/graphql", json=query).json()
    after_own = counts(served)
    foreign = served.call("POST", "/graphql", token="bob", json=query).json()

    assert own == foreign == {"data": {"node": {"id": chapter}}}
    assert (before[2], after_own[2], counts(served)[2]) == (0, 0, 1)
