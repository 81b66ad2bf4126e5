"""The audit trail holds together and holds no secrets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import Account, Accounts
from harness.layers.scenarios.expect import expect_status, json_of, member
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.signals import baseline


@pytest.mark.requirement("security.audit-chain-verifies")
def test_security_events_are_chained_without_secrets(
    accounts: Accounts, client: httpx.Client, unique: str
) -> None:
    """Logins and refusals are recorded, each record names the one before, and no secret is in them."""
    user, admin = accounts(), accounts.shared("admin")
    secret = f"canary pass phrase {unique}"
    request_id = f"audit-{unique}"
    client.post("/auth/login", json={"email": user.email, "password": secret})
    good = client.post(
        "/auth/login",
        json={"email": user.email, "password": user.password},
        headers={"X-Request-ID": request_id},
    )
    tokens = json_of(good)

    verdict = json_of(admin.client.get("/auth/audit/verification"))
    assert verdict["holds"] is True, f"the chain does not verify: {verdict}"
    events = newest_events(admin)
    assert request_id in str(events), "the login of a moment ago is not on record with its request id"
    check_linked(events)
    for what, text in {
        "a wrong password": secret,
        "a password": user.password,
        "an access token": member(tokens, "access_token"),
        "a refresh token": member(tokens, "refresh_token"),
    }.items():
        assert text not in str(events), f"{what} is in the audit trail"


@pytest.mark.requirement("security.audit-chain-verifies")
def test_nobody_changes_the_audit_trail(accounts: Accounts) -> None:
    """No method changes or deletes a record, for the administrator either."""
    admin = accounts.shared("admin")
    sequence = newest_events(admin)[0]["sequence"]

    for method in ("PUT", "PATCH", "DELETE", "POST"):
        for path in ("/auth/audit", f"/auth/audit/{sequence}"):
            answer = admin.client.request(method, path)
            expect_status(answer, 404, 405, when="by an administrator")


def newest_events(admin: Account) -> Sequence[Mapping[str, Any]]:
    """Return the newest page of the trail."""
    answer = admin.client.get("/auth/audit", params={"limit": 100})
    events: Sequence[Mapping[str, Any]] = member(json_of(answer), "items")
    assert events, "the audit trail is empty after a login"
    return events


def check_linked(events: Sequence[Mapping[str, Any]]) -> None:
    """Every record names the hash of the one before it, and no number is left out."""
    for newer, older in pairwise(events):
        assert newer["sequence"] == older["sequence"] + 1, f"a record is missing before {newer['sequence']}"
        assert newer["previous_hash"] == older["hash"], f"record {newer['sequence']} names another hash"


@pytest.mark.requirement(
    "security.audit-says-who-and-how",
    "login",
    "failed login",
    "refused refresh",
    "logout",
    "change of roles",
)
def test_every_security_event_says_when_who_and_how_it_ended(
    accounts: Accounts, client: httpx.Client, unique: str, judged: Judged
) -> None:
    """Each event is found by its request id, with a time, an actor and whether it succeeded."""
    user, admin = accounts(), accounts.shared("admin")
    path = f"/auth/users/{user.user_id}"
    etag = admin.client.get(path).headers.get("etag", "*")
    credentials = {"email": user.email, "password": user.password}

    def named(event: str) -> dict[str, str]:
        return {"X-Request-ID": f"{event}-{unique}"}

    with baseline():
        good = client.post("/auth/login", json=credentials, headers=named("login"))
        expect_status(good, 200)
        wrong = {**credentials, "password": f"a wrong pass phrase {unique}"}
        expect_status(client.post("/auth/login", json=wrong, headers=named("failed")), 401)
        refused = client.post("/auth/refresh", json={"refresh_token": unique}, headers=named("refused"))
        expect_status(refused, 400, 401)
        expect_status(user.client.post("/auth/logout", headers=named("logout")), 200, 204)
        roles = {"If-Match": etag, **named("roles")}
        changed = admin.client.put(f"{path}/roles", json={"roles": ["reader"]}, headers=roles)
        expect_status(changed, 200, 204)
    with judged("login"):
        check_recorded(admin, f"login-{unique}", succeeded=True, actor=user.user_id)
    with judged("failed login"):
        check_recorded(admin, f"failed-{unique}", succeeded=False)
    with judged("refused refresh"):
        check_recorded(admin, f"refused-{unique}", succeeded=False)
    with judged("logout"):
        check_recorded(admin, f"logout-{unique}", succeeded=True, actor=user.user_id)
    with judged("change of roles"):
        event = check_recorded(admin, f"roles-{unique}", succeeded=True, actor=admin.user_id)
        assert user.user_id in str(event), f"the record does not say whose roles were changed: {event}"


def check_recorded(admin: Account, request_id: str, *, succeeded: bool, actor: str = "") -> Mapping[str, Any]:
    """One record has this request id, and it tells the truth."""
    found = [each for each in newest_events(admin) if each.get("request_id") == request_id]
    assert found, f"nothing is on record under the request id {request_id}"
    event = found[0]
    datetime.fromisoformat(member(event, "at"))
    outcome = member(event, "result")
    assert (outcome == "success") is succeeded, f"the record calls its outcome {outcome!r}: {event}"
    who = member(event, "actor")
    assert who, f"the record names no actor: {event}"
    assert not actor or who == actor, f"the record names {who} as actor, not {actor}"
    return event
