"""Requests that repeat, that edit what changed meanwhile, and lists that end somewhere."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import ACCEPTED, Account, Accounts, GraphQL, Hub, Receiver, draft
from harness.layers.scenarios.expect import expect_status, json_of, member
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.signals import Inconclusive, baseline

_LATER = "2099-01-01T00:00:00Z"
_MOST = 100
_AT_ONCE = 10
#: A race is lost by chance, the first while connections are opened; in several it shows.
_RACES = 4
_PATIENCE = 10.0
_MANY_CHAPTERS = "\n\n".join(f"# Chapter {number}\n\nText of {number}." for number in range(1, 131))
_UPLOAD = """
mutation ($title: String!, $content: String!) {
  uploadDocument(title: $title, content: $content, format: MARKDOWN) { document { id } }
}"""
_EXTRACT = """
mutation ($input: ExtractionConfig!) { extractChapters(input: $input) { userErrors { message } } }"""


def post_with_key(hub: Hub, key: str, body: Mapping[str, object]) -> httpx.Response:
    """Post a message under an idempotency key."""
    return hub.account.client.post("/api/hub/messages", json=body, headers={"Idempotency-Key": key})


@pytest.mark.requirement(
    "api.idempotency-key-honoured", "same body replays", "other body refused", "in parallel once"
)
def test_a_creating_request_with_a_key_takes_effect_once(
    hub: Hub, receiver: Receiver, unique: str, judged: Judged
) -> None:
    """The same key and body replay the answer, another body is 422, and many at once create one thing."""
    body = draft(receiver, send_at=_LATER)
    first = post_with_key(hub, f"key-{unique}", body)
    with judged("same body replays"):
        again = post_with_key(hub, f"key-{unique}", body)
        assert json_of(again, *ACCEPTED)["id"] == json_of(first, *ACCEPTED)["id"], "it made another message"
        assert again.status_code == first.status_code, f"replayed with {again.status_code}"
        assert len(listed(hub)) == 1, f"{len(listed(hub))} messages after one request and its repetition"
    with judged("other body refused"):
        expect_status(post_with_key(hub, f"key-{unique}", {**body, "text": "Else."}), 422)
        assert len(listed(hub)) == 1, "the refused request made a message"
    with judged("in parallel once"):
        for race in range(1, _RACES + 1):
            answers = at_once(hub, f"race-{race}-{unique}", body)
            for answer in answers:
                expect_status(answer, *ACCEPTED, 409, when=f"as one of {_AT_ONCE} at once")
            made = {json_of(answer, *ACCEPTED)["id"] for answer in answers if answer.is_success}
            assert len(made) == 1, f"{_AT_ONCE} at once with one key made {len(made)} messages"
            assert len(listed(hub)) == 1 + race, f"the list shows {len(listed(hub))} messages, not {1 + race}"


def at_once(hub: Hub, key: str, body: Mapping[str, object]) -> list[httpx.Response]:
    """Post under one key from as many threads, none of which starts before all are there."""
    ready = Barrier(_AT_ONCE)

    def post(_number: int) -> httpx.Response:
        ready.wait(_PATIENCE)
        return post_with_key(hub, key, body)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(post, range(_AT_ONCE)))


def listed(hub: Hub) -> list[Any]:
    """Return what the account's list shows."""
    items: list[Any] = member(json_of(hub.account.client.get("/api/hub/messages?limit=100")), "items")
    return items


@pytest.mark.requirement("api.conditional-writes-honoured", "stale If-Match", "missing If-Match")
def test_an_edit_names_the_version_it_edits(accounts: Accounts, judged: Judged) -> None:
    """An edit without If-Match is 428, one with an old ETag is 412, and neither has an effect."""
    user, admin = accounts(), accounts.shared("admin").client
    path = f"/auth/users/{user.user_id}"
    before = admin.get(path)
    stale = expect_status(before, 200).headers.get("etag", "")
    assert stale, f"GET {path} has no ETag"
    with judged("missing If-Match"):
        expect_status(admin.put(f"{path}/roles", json={"roles": ["operator"]}), 428)
        assert json_of(admin.get(path))["roles"] == ["user"], "the refused edit had an effect"
    changed = admin.put(f"{path}/roles", json={"roles": ["reader"]}, headers={"If-Match": stale})
    expect_status(changed, 200, 204, when="with the current ETag")
    with judged("stale If-Match"):
        answer = admin.put(f"{path}/roles", json={"roles": ["admin"]}, headers={"If-Match": stale})
        expect_status(answer, 412)
        assert json_of(admin.get(path))["roles"] == ["reader"], "the refused edit had an effect"


def check_bounded(get: Callable[[int], httpx.Response], fill: Callable[[], None], items: str) -> None:
    """A page larger than documented is refused, or holds no more than the maximum although there is more."""
    sizes = (_MOST + 1, 1_000_000)
    answers = [get(size) for size in sizes]
    for answer in answers:
        expect_status(answer, 200, 400, 422)
    if all(answer.status_code != 200 for answer in answers):
        return
    fill()
    for size in sizes:
        answer = get(size)
        if answer.status_code == 200:
            count = len(json_of(answer)[items])
            assert count <= _MOST, f"limit={size} gives {count} items in one page"


@pytest.mark.requirement(
    "api.page-size-bounded",
    "GET /api/hub/messages",
    "GET /api/circuit-breakers/breakers",
    "GET /api/storage/objects",
    "GraphQL chapters",
)
def test_no_page_is_larger_than_documented(
    hub: Hub, receiver: Receiver, accounts: Accounts, graphql: GraphQL, judged: Judged
) -> None:
    """No list gives more than a hundred items in one answer, whatever is asked for."""
    client = hub.account.client

    def fill_hub() -> None:
        for _ in range(2):
            hub.send_all([draft(receiver, send_at=_LATER)] * 60)

    with judged("GET /api/hub/messages"):
        check_bounded(lambda size: client.get("/api/hub/messages", params={"limit": size}), fill_hub, "items")
    with judged("GET /api/circuit-breakers/breakers"):
        operator = accounts.shared("operator").client

        def fill_breakers() -> None:
            for number in range(_MOST + 5):
                operator.post("/api/circuit-breakers/breakers", json={"name": f"page-{number}"})

        check_bounded(
            lambda size: operator.get("/api/circuit-breakers/breakers", params={"limit": size}),
            fill_breakers,
            "items",
        )
    with judged("GET /api/storage/objects"):

        def fill_storage() -> None:
            plain = {"Content-Type": "text/plain"}
            for number in range(_MOST + 5):
                client.put(f"/api/storage/objects/page-{number}.txt", content=b"x", headers=plain)

        check_bounded(
            lambda size: client.get("/api/storage/objects", params={"limit": size}), fill_storage, "items"
        )
    with judged("GraphQL chapters"):
        uploaded = graphql.data(_UPLOAD, title="Many", content=_MANY_CHAPTERS)
        document = member(uploaded, "uploadDocument", "document", "id")
        graphql.data(_EXTRACT, input={"documentId": document})
        for first in (_MOST + 1, 1_000_000, None):
            answer = graphql.ask(
                "query ($id: ID!, $n: Int) { chapters(documentId: $id, first: $n) { edges { cursor } } }",
                id=document,
                n=first,
            )
            edges = ((answer.get("data") or {}).get("chapters") or {}).get("edges", [])
            assert len(edges) <= _MOST, f"first: {first} gives {len(edges)} chapters in one page"


@pytest.mark.requirement("api.idempotency-key-private")
def test_an_idempotency_key_is_its_senders_own(accounts: Accounts, receiver: Receiver, unique: str) -> None:
    """Two users who happen to send the same key and body get a message each, and neither sees the other's."""
    one, other = Hub(accounts()), Hub(accounts())
    body = draft(receiver, send_at=_LATER, text=f"Private {unique}")
    with baseline():
        first = json_of(post_with_key(one, f"shared-{unique}", body), *ACCEPTED)["id"]

    answer = post_with_key(other, f"shared-{unique}", body)

    second = json_of(answer, *ACCEPTED)["id"]
    assert second != first, "a user was given the answer to another user's request with the same key"
    assert [each["id"] for each in listed(other)] == [second], "the second user's message was not made"
    again = json_of(post_with_key(one, f"shared-{unique}", body), *ACCEPTED)["id"]
    assert again == first, "the first user's key does not replay the first user's answer any more"


@pytest.mark.requirement("api.body-size-bounded", "announced", "chunked")
def test_a_body_over_the_limit_is_refused(visitor: Account, judged: Judged) -> None:
    """Four megabytes of text are refused with 413, with a Content-Length and in chunks alike."""
    chunk = b" " * 65536
    with judged("announced"):
        check_too_large(visitor, chunk * 64, "with 4 MiB announced")
    with judged("chunked"):
        check_too_large(visitor, (chunk for _ in range(64)), "with 4 MiB in chunks")


def check_too_large(account: Account, body: bytes | Iterator[bytes], when: str) -> None:
    """The answer is 413; a connection that was closed before the body had left shows nothing."""
    headers = {"Content-Type": "application/json"}
    try:
        answer = account.client.post("/api/hub/messages", content=body, headers=headers)
    except httpx.TransportError as error:
        raise Inconclusive("connection-closed", f"A message {when}: {error}") from error
    expect_status(answer, 413, when=when)
