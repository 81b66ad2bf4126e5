"""What one account may not do stays undone, whatever path, method or member asks for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import ACCEPTED, Accounts, Hub, Receiver, draft
from harness.layers.scenarios.expect import asked, expect_refused, expect_status, json_of, member, shown
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.signals import baseline

_LATER = "2099-01-01T00:00:00Z"
_NOBODY = "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"
_KEY = "/api/storage/objects/{key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """Something that needs a permission: how it is called."""

    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, client: httpx.Client, *, path: str = "", **headers: str) -> httpx.Response:
        """Call it, at another spelling of its path when one is given."""
        arguments = {"content": self.body} if isinstance(self.body, bytes) else {"json": self.body}
        if self.body is None:
            arguments = {}
        return client.request(
            self.method, path or self.path, headers={**self.headers, **headers}, **arguments
        )


READING = (
    Function(method="GET", path="/auth/me"),
    Function(method="GET", path="/api/hub/messages"),
    Function(method="GET", path="/api/hub/queues"),
    Function(method="GET", path="/api/hub/dead-letters"),
    Function(method="GET", path="/api/circuit-breakers/status"),
    Function(method="GET", path="/api/search/web?q=anything"),
    Function(method="GET", path="/api/storage/objects"),
)
ADMINISTRATION = (
    Function(method="GET", path="/auth/users"),
    Function(method="GET", path="/auth/audit"),
    Function(method="GET", path="/auth/audit/verification"),
    Function(
        method="PUT",
        path=f"/auth/users/{_NOBODY}/roles",
        body={"roles": ["admin"]},
        headers={"If-Match": "*"},
    ),
)
OPERATION = (
    Function(method="POST", path="/api/circuit-breakers/reset"),
    Function(method="POST", path="/api/circuit-breakers/monitoring/start"),
    Function(method="POST", path="/api/circuit-breakers/monitoring/stop"),
)
WRITING = (
    Function(
        method="POST",
        path="/api/hub/messages",
        body={
            "channel": "webhook",
            "to": "https://receiver.example.com/hooks",
            "text": "Hi",
            "send_at": _LATER,
        },
    ),
    Function(method="POST", path="/api/hub/dead-letters/redrive", body={}),
    Function(
        method="PUT",
        path="/api/storage/objects/function-level.txt",
        body=b"x",
        headers={"Content-Type": "text/plain"},
    ),
    Function(method="DELETE", path="/api/storage/objects/function-level.txt"),
)


def spellings(path: str) -> Iterator[str]:
    """Yield other spellings of a path that a careless router might take for the same."""
    plain, mark, query = path.partition("?")
    yield f"/v1{plain}{mark}{query}"
    yield f"/v2{plain}{mark}{query}"
    yield f"{plain}/{mark}{query}"
    yield f"/{plain}{mark}{query}"
    yield f"/.{plain}{mark}{query}"
    yield f"{plain[:-1]}%{ord(plain[-1]):02x}{mark}{query}"
    yield f"{plain[:-1]}{plain[-1].upper()}{mark}{query}"


def check_denied(client: httpx.Client, functions: Sequence[Function], *statuses: int) -> None:
    """Every function is refused for lack of the permission, and no other spelling of it lets anybody in."""
    for function in functions:
        expect_status(function.call(client), *statuses)
        for path in spellings(function.path):
            answer = function.call(client, path=path)
            assert not answer.is_success, f"{asked(answer)} answered {answer.status_code}: {shown(answer)}"


def check_overrides(client: httpx.Client, functions: Sequence[Function]) -> None:
    """No header turns a request that is allowed into one that is not."""
    for function in functions:
        for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
            answer = client.get(function.path, headers={name: function.method})
            assert answer.status_code != 202, f"{asked(answer)} with {name} answered 202"
        for name in ("X-Original-URL", "X-Rewrite-URL"):
            answer = client.get("/health/live", headers={name: function.path})
            assert "status" in answer.json(), f"{name}: {function.path} changed what /health/live answers"


@pytest.mark.requirement("security.function-level-authorization", "anonymous", "reader", "user")
def test_nobody_calls_a_function_without_its_permission(
    accounts: Accounts, client: httpx.Client, judged: Judged
) -> None:
    """Without the permission every function is refused, by every method, path and header that reaches it."""
    with judged("anonymous"):
        check_denied(client, (*READING, *WRITING, *OPERATION, *ADMINISTRATION), 401)
        check_overrides(client, WRITING)
    with judged("reader"):
        reader = accounts.shared("reader").client
        with baseline():
            expect_status(READING[0].call(reader), 200, when="by its reader")
        check_denied(reader, (*WRITING, *OPERATION, *ADMINISTRATION), 403)
        check_overrides(reader, WRITING)
    with judged("user"):
        user = accounts.shared().client
        with baseline():
            expect_status(WRITING[0].call(user), *ACCEPTED, when="by a user, who may")
        check_denied(user, (*OPERATION, *ADMINISTRATION), 403)


@pytest.mark.requirement("security.object-ownership", "hub message", "stored object")
def test_nobody_touches_another_users_object_by_its_id(
    accounts: Accounts, receiver: Receiver, unique: str, judged: Judged
) -> None:
    """Another user's object can neither be read, changed, deleted nor found in a list."""
    owner = accounts()
    others = (accounts(), accounts(tenant=f"tenant-{unique}"), accounts.shared("reader"))
    with judged("hub message"):
        hub = Hub(owner)
        with baseline():
            message = member(hub.send(receiver, send_at=_LATER, text=f"Private {unique}"), "id")
        for other in others:
            path = f"/api/hub/messages/{message}"
            expect_status(other.client.get(path), 404, 403, when="by another user")
            expect_status(other.client.post(f"{path}/cancel"), 404, 403, when="by another user")
            dead = f"/api/hub/dead-letters/{message}/redrive"
            expect_status(other.client.post(dead), 404, 403, when="by another user")
            listed = other.client.get("/api/hub/messages", params={"limit": 100})
            assert message not in expect_status(listed, 200).text, "another user's list shows the message"
        hub.in_state(message, "queued")
    with judged("stored object"):
        path = _KEY.format(key=f"private-{unique}.txt")
        plain = {"Content-Type": "text/plain"}
        with baseline():
            expect_status(owner.client.put(path, content=b"mine", headers=plain), 200, 201, 204)
        for other in others:
            seen = other.client.get(path)
            assert seen.content != b"mine", f"{asked(seen)} shows another user's object"
            expect_status(seen, 404, 403, when="by another user")
            other.client.put(path, content=b"theirs", headers=plain)
            other.client.delete(path)
            listed = other.client.get("/api/storage/objects", params={"limit": 100})
            if other is not others[0]:
                assert owner.user_id not in listed.text, "another user's list names the owner"
        assert expect_status(owner.client.get(path), 200).content == b"mine", (
            "another user changed the object"
        )


@pytest.mark.requirement("security.mass-assignment-refused")
def test_nobody_gives_themselves_a_role_at_registration(client: httpx.Client, unique: str) -> None:
    """Role, tenant and state members of a registration are refused or without effect."""
    credentials = {"email": f"mass-{unique}@example.org", "password": f"pass phrase of {unique}"}
    extra: dict[str, Any] = {"role": "admin", "roles": ["admin"], "tenant": "other", "permissions": ["*"]}
    answer = client.post("/auth/register", json={**credentials, **extra, "verified": True})
    if answer.status_code in {400, 422}:
        return
    tokens = json_of(client.post("/auth/login", json=credentials))
    bearer = {"Authorization": f"Bearer {member(tokens, 'access_token')}"}

    me = json_of(client.get("/auth/me", headers=bearer))

    assert "admin" not in str(me), f"a registration with a role made {me}"
    expect_status(client.get("/auth/users", headers=bearer), 403)


@pytest.mark.requirement("security.mass-assignment-refused")
@pytest.mark.parametrize(
    "members",
    [
        {"owner": "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV", "owner_id": "usr_01ARZ3NDEKTSV4RRFFQ69G5FAV"},
        {"tenant": "other", "tenant_id": "other"},
        {"state": "delivered", "attempts": 4, "created_at": "2001-01-01T00:00:00Z", "id": "msg_mine"},
    ],
    ids=["owner", "tenant", "state"],
)
def test_nobody_sets_what_only_the_hub_may_set(
    hub: Hub, receiver: Receiver, members: dict[str, object]
) -> None:
    """Owner, tenant and state members of a message are refused or without effect."""
    answer = hub.account.client.post("/api/hub/messages", json=draft(receiver, send_at=_LATER, **members))
    if answer.status_code in {400, 422}:
        return

    stored = hub.read(member(json_of(answer, *ACCEPTED), "id"))

    for name, value in members.items():
        assert stored.get(name) != value, f"the message took over {name} = {value!r}"


@pytest.mark.requirement("security.mass-assignment-refused")
def test_nobody_gives_themselves_a_role_later(accounts: Accounts) -> None:
    """A user cannot put roles on their own account."""
    account = accounts()

    answer = account.client.put(
        f"/auth/users/{account.user_id}/roles", json={"roles": ["admin"]}, headers={"If-Match": "*"}
    )

    expect_refused(answer, when="by a user on their own account")
    assert "admin" not in expect_status(account.client.get("/auth/me"), 200).text
