"""Problems: their types lead somewhere, and they point at what is wrong."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.core_profile import Account, Accounts
from harness.layers.scenarios.expect import asked, expect_status, json_of, shown

_WRONG_MESSAGES: tuple[tuple[Mapping[str, Any], frozenset[str]], ...] = (
    ({"channel": "pigeon", "to": "https://a.example.com/", "text": "Hi"}, frozenset({"/channel"})),
    ({"channel": "webhook", "to": "not a url", "text": ""}, frozenset({"/to", "/text"})),
    ({"channel": "webhook", "to": "https://a.example.com/"}, frozenset({"/text"})),
    (
        {"channel": "webhook", "to": "https://a.example.com/", "text": "Hi", "max_attempts": "three"},
        frozenset({"/max_attempts"}),
    ),
    (
        {"channel": "webhook", "to": "https://a.example.com/", "text": "Hi", "a/b~c": 1},
        frozenset({"/a~1b~0c"}),
    ),
)


@pytest.mark.requirement("errors.field-errors-point")
def test_a_refused_body_names_every_wrong_member(visitor: Account) -> None:
    """Each wrong member of a refused body is named by a JSON Pointer, nested ones and odd names, too."""
    for body, expected in _WRONG_MESSAGES:
        check_pointers(visitor.client.post("/api/hub/messages", json=body), expected)
    batch = {"messages": [{"channel": "webhook", "to": "https://a.example.com/", "text": ""}]}
    check_pointers(
        visitor.client.post("/api/hub/messages/batch", json=batch), frozenset({"/messages/0/text"})
    )


def check_pointers(answer: httpx.Response, expected: frozenset[str]) -> None:
    """The answer is a 4xx whose errors name at least these members, each with words."""
    problem = json_of(answer, 400, 422)
    named = {each.get("pointer") for each in problem.get("errors", ())}
    missing = expected - named
    assert not missing, f"the refusal names {sorted(map(str, named))} and not {sorted(missing)}"
    for each in problem["errors"]:
        assert each.get("detail"), f"{each.get('pointer')} is named without a word: {each}"


@pytest.mark.requirement("docs.problem-types-resolve")
def test_the_type_of_every_problem_leads_to_its_explanation(
    client: httpx.Client, accounts: Accounts, target: ScenarioContext
) -> None:
    """The type of each problem met is an absolute URI of this target that answers with a page about it."""
    user, reader = accounts.shared().client, accounts.shared("reader").client
    problems = (
        client.get("/no/such/path"),
        client.get("/auth/me"),
        client.delete("/health/live"),
        client.post("/auth/login", json={"email": "nobody@example.org", "password": "a wrong pass phrase"}),
        client.post("/auth/login", content=b"{", headers={"Content-Type": "application/json"}),
        client.post("/auth/login", content=b"a=b", headers={"Content-Type": "text/plain"}),
        reader.post("/api/hub/messages", json={"channel": "webhook", "to": "https://a.example", "text": "x"}),
        user.post("/api/hub/messages", json={}),
        user.get("/api/hub/messages/msg_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        user.get("/api/storage/objects/nothing-here.txt"),
    )
    types = {json_of(answer, answer.status_code).get("type") for answer in problems}
    for uri in sorted(map(str, types)):
        assert uri.startswith(("http://", "https://")), f"the type {uri!r} is not an absolute URI"
        page = client.get(uri if uri.startswith(target.base_url) else httpx.URL(uri).path)
        expect_status(page, 200)
        assert len(page.text) > 40, f"{asked(page)} explains nothing: {shown(page)}"
