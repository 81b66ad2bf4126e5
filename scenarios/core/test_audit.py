"""The audit trail holds together and holds no secrets."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import Account, Accounts
from harness.layers.scenarios.expect import expect_status, json_of, member


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
