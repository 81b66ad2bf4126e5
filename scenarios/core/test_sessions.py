"""Refresh tokens are good once, and what ends a session ends it at once."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness.layers.scenarios.core_profile import Accounts
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.expect import expect_refused, expect_status, json_of, member
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.signals import baseline

_AT_ONCE = 20
_DAY = 24 * 3600.0
_MOST_DAYS = 30


def refresh(client: httpx.Client, token: str) -> httpx.Response:
    """Present a refresh token."""
    return client.post("/auth/refresh", json={"refresh_token": token})


@pytest.mark.requirement("auth.refresh-reuse-revokes-family")
def test_using_a_refresh_token_twice_ends_its_whole_family(accounts: Accounts, client: httpx.Client) -> None:
    """After a refresh token was used twice, the newest refresh and access tokens are refused as well."""
    account = accounts()
    with baseline():
        second = json_of(refresh(client, account.refresh_token))
        third = json_of(refresh(client, member(second, "refresh_token")))
        bearer = {"Authorization": f"Bearer {member(third, 'access_token')}"}
        expect_status(client.get("/auth/me", headers=bearer), 200, when="before the reuse")

    expect_refused(refresh(client, account.refresh_token), when="with a used refresh token")

    expect_refused(refresh(client, third["refresh_token"]), when="with the newest one after the reuse")
    expect_status(client.get("/auth/me", headers=bearer), 401, when="after the reuse")


@pytest.mark.requirement("auth.refresh-parallel-once")
@pytest.mark.depth("standard")
def test_of_many_who_present_one_refresh_token_at_once_at_most_one_succeeds(
    accounts: Accounts, client: httpx.Client
) -> None:
    """One refresh token presented twenty times at once succeeds at most once."""
    account = accounts()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda _: refresh(client, account.refresh_token), range(_AT_ONCE)))

    good = [each for each in answers if each.is_success]
    assert len(good) <= 1, f"{len(good)} of {_AT_ONCE} at once succeeded"
    for answer in answers:
        assert answer.status_code < 500, f"one of {_AT_ONCE} at once answered {answer.status_code}"


@pytest.mark.requirement("auth.logout-revokes-at-once")
def test_after_logout_nothing_of_the_session_works(accounts: Accounts, client: httpx.Client) -> None:
    """After logout the access token and the refresh token are refused; other sessions live on."""
    account = accounts()
    credentials = {"email": account.email, "password": account.password}
    with baseline():
        other = json_of(client.post("/auth/login", json=credentials))
        expect_status(account.client.get("/auth/me"), 200, when="before logout")

    expect_status(account.client.post("/auth/logout"), 200, 204)

    expect_status(account.client.get("/auth/me"), 401, when="after logout")
    expect_refused(refresh(client, account.refresh_token), when="after logout")
    bearer = {"Authorization": f"Bearer {member(other, 'access_token')}"}
    expect_status(client.get("/auth/me", headers=bearer), 200, when="with another session")


@pytest.mark.requirement("auth.logout-revokes-at-once")
def test_after_logging_out_everywhere_no_session_of_the_account_works(
    accounts: Accounts, client: httpx.Client
) -> None:
    """After logging out everywhere every access and refresh token of the account is refused."""
    account = accounts()
    credentials = {"email": account.email, "password": account.password}
    with baseline():
        other = json_of(client.post("/auth/login", json=credentials))
        bearer = {"Authorization": f"Bearer {member(other, 'access_token')}"}
        expect_status(client.get("/auth/me", headers=bearer), 200, when="before logging out everywhere")

    expect_status(account.client.post("/auth/logout-all"), 200, 204)

    expect_status(account.client.get("/auth/me"), 401, when="after logging out everywhere")
    expect_status(client.get("/auth/me", headers=bearer), 401, when="with another session of the account")
    expect_refused(refresh(client, member(other, "refresh_token")), when="after logging out everywhere")


@pytest.mark.requirement("auth.role-loss-at-once")
def test_a_role_that_was_taken_away_is_gone_at_once(accounts: Accounts, client: httpx.Client) -> None:
    """After a user lost a role neither the old access token nor a refreshed one has what the role allowed."""
    operator, admin = accounts("operator"), accounts.shared("admin").client
    path = f"/auth/users/{operator.user_id}"
    allowed = "/api/circuit-breakers/monitoring/stop"
    with baseline():
        expect_status(operator.client.post(allowed), 200, 202, 204, when="by an operator")
        headers = {"If-Match": expect_status(admin.get(path), 200).headers.get("etag", "*")}
        taken = admin.put(f"{path}/roles", json={"roles": ["reader"]}, headers=headers)
        expect_status(taken, 200, 204)

    answer = operator.client.post(allowed)

    expect_status(answer, 401, 403, when="by a former operator with the token of before")
    renewed = refresh(client, operator.refresh_token)
    if renewed.is_success:
        bearer = {"Authorization": f"Bearer {member(renewed.json(), 'access_token')}"}
        expect_status(client.post(allowed, headers=bearer), 403, when="by a former operator, refreshed")


@pytest.mark.requirement("auth.session-ends", "idle", "absolute")
@pytest.mark.depth("standard")
def test_no_session_lasts_for_ever(
    accounts: Accounts, client: httpx.Client, control: Control, judged: Judged
) -> None:
    """A refresh token that was left alone is refused after a month, and so is one that was used every day."""
    idle, busy = accounts(), accounts()
    newest, used = busy.refresh_token, 0
    for _ in range(_MOST_DAYS):
        control.advance(_DAY)
        answer = refresh(client, newest)
        if not answer.is_success:
            break
        newest, used = member(answer.json(), "refresh_token"), used + 1
    control.advance(3600)

    with judged("idle"):
        expect_refused(refresh(client, idle.refresh_token), when=f"left alone for {_MOST_DAYS} days")
    with judged("absolute"):
        if not used:
            with baseline("never-refreshed"):
                expect_status(answer, 200, when="after a day")
        expect_refused(
            refresh(client, newest), when=f"{_MOST_DAYS} days after the login, refreshed {used} times"
        )
