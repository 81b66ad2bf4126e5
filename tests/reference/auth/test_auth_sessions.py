"""Registration, login, refresh and logout as a client sees them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from reference_impl.auth.tables import families


def registered(running: Any, **params: object) -> dict[str, Any]:
    return dict(running.state("a registered user", **params))


def signed_in(running: Any, **params: object) -> dict[str, Any]:
    return dict(running.state("a signed-in user", **params))


def without_trace(answer: Any) -> tuple[int, dict[str, Any], list[str]]:
    """What an observer can compare: status, body and header names, less the ids of the request."""
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    return answer.status_code, body, sorted(answer.headers)


def test_registered_user_logs_in_and_is_told_who_it_is(running: Any, passphrase: str) -> None:
    accepted = running.client.post(
        "/auth/register", json={"email": "Reader@Example.org", "password": passphrase}
    )

    tokens = running.login("reader@example.org").json()
    me = running.get("/auth/me", tokens["access_token"]).json()

    assert accepted.status_code == 202
    assert (me["email"], me["roles"]) == ("reader@example.org", ["user"])
    assert "chapters:write" in me["permissions"]
    assert "roles:admin" not in me["permissions"]


def test_registering_a_known_address_answers_as_for_a_free_one_and_changes_nothing(running: Any) -> None:
    known = registered(running)
    other = "another long enough phrase"

    again = running.client.post("/auth/register", json={"email": known["email"], "password": other})
    fresh = running.client.post("/auth/register", json={"email": "nobody.yet@example.org", "password": other})

    assert without_trace(again) == without_trace(fresh)
    assert running.login(known["email"], other).status_code == 401
    assert running.login(known["email"], known["password"]).status_code == 200


@pytest.mark.parametrize("member", ["roles", "role", "tenant", "id", "generation", "created_at"])
def test_registration_refuses_members_that_would_grant_something(running: Any, member: str) -> None:
    body = {"email": "grabber@example.org", "password": "seven quiet rivers run", member: "admin"}

    answer = running.client.post("/auth/register", json=body)

    assert answer.status_code == 422
    assert running.login("grabber@example.org").status_code == 401


def test_wrong_password_and_unknown_address_get_equal_answers(running: Any) -> None:
    known = registered(running)

    wrong = running.login(known["email"], "not the password at all")
    unknown = running.login("nobody.at.all@example.org", "not the password at all")

    assert without_trace(wrong) == without_trace(unknown)
    assert wrong.status_code == 401
    assert "WWW-Authenticate" in wrong.headers


def test_refresh_hands_out_a_new_pair_and_the_old_token_is_spent(running: Any) -> None:
    user = signed_in(running)

    fresh = running.refresh(user["refresh_token"])

    assert fresh.status_code == 200
    assert fresh.json()["refresh_token"] != user["refresh_token"]
    assert running.get("/auth/me", fresh.json()["access_token"]).status_code == 200


def test_reused_refresh_token_ends_the_whole_session_and_is_audited(running: Any) -> None:
    auditor = signed_in(running, role="admin")
    user = signed_in(running)
    fresh = running.refresh(user["refresh_token"]).json()

    reuse = running.refresh(user["refresh_token"])

    assert reuse.status_code == 401
    assert running.refresh(fresh["refresh_token"]).status_code == 401
    assert running.get("/auth/me", fresh["access_token"]).status_code == 401
    assert running.get("/auth/me", user["token"]).status_code == 401
    events = running.get("/auth/audit?action=token.reused", auditor["token"]).json()["items"]
    assert events[0]["actor"] == user["user_id"]


def test_twenty_parallel_uses_of_one_refresh_token_give_at_most_one_pair(running: Any) -> None:
    user = signed_in(running)

    with ThreadPoolExecutor(max_workers=20) as threads:
        answers = list(threads.map(running.refresh, [user["refresh_token"]] * 20))

    assert sorted({answer.status_code for answer in answers} - {200}) == [401]
    winners = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(winners) <= 1
    assert all(running.refresh(winner["refresh_token"]).status_code == 401 for winner in winners)


def test_refresh_token_is_refused_once_it_has_expired(start: Any) -> None:
    running = start()
    user = signed_in(running)

    running.clock.set_offset(7 * 24 * 3600 + 1)

    assert running.refresh(user["refresh_token"]).status_code == 401


def test_no_refresh_carries_a_session_beyond_its_absolute_lifetime(start: Any) -> None:
    running = start()
    newest = signed_in(running)["refresh_token"]
    for day in range(6, 30, 6):
        running.clock.set_offset(day * 24 * 3600)
        newest = running.refresh(newest).json()["refresh_token"]

    running.clock.set_offset(30 * 24 * 3600 + 1)

    assert running.refresh(newest).status_code == 401


def test_sessions_whose_time_is_over_are_forgotten_by_themselves(start: Any) -> None:
    running = start()
    user = signed_in(running)

    async def kept() -> int:
        async with running.app.kit.database.connect() as connection:
            return int(await connection.scalar(sa.select(sa.func.count()).select_from(families)) or 0)

    async def until_empty() -> bool:
        for _ in range(200):
            if await kept() == 0:
                return True
            await asyncio.sleep(0.01)
        return False

    before = running.client.portal.call(kept)
    running.clock.set_offset(32 * 24 * 3600)

    assert before == 1
    assert running.client.portal.call(until_empty)
    assert running.refresh(user["refresh_token"]).status_code == 401


def test_logout_ends_this_session_and_no_other(running: Any) -> None:
    user = signed_in(running)
    other = running.login(user["email"], user["password"]).json()

    answer = running.post("/auth/logout", user["token"])

    assert answer.status_code == 204
    assert running.get("/auth/me", user["token"]).status_code == 401
    assert running.refresh(user["refresh_token"]).status_code == 401
    assert running.get("/auth/me", other["access_token"]).status_code == 200


def test_logout_all_ends_every_session_and_a_new_login_works(running: Any) -> None:
    user = signed_in(running)
    other = running.login(user["email"], user["password"]).json()

    running.post("/auth/logout-all", user["token"])

    assert running.get("/auth/me", user["token"]).status_code == 401
    assert running.get("/auth/me", other["access_token"]).status_code == 401
    assert running.refresh(other["refresh_token"]).status_code == 401
    again = running.login(user["email"], user["password"]).json()
    assert running.get("/auth/me", again["access_token"]).status_code == 200


def test_logout_in_one_process_is_effective_in_another_at_once(start: Any) -> None:
    first, second = start(), start()
    user = signed_in(first)
    before = second.get("/auth/me", user["token"]).status_code

    first.post("/auth/logout", user["token"])

    assert (before, second.get("/auth/me", user["token"]).status_code) == (200, 401)


def test_revocation_survives_a_redis_that_lost_its_memory(start: Any) -> None:
    running = start()
    user = signed_in(running)
    demoted = signed_in(running)
    running.post("/auth/logout", user["token"])
    running.post("/auth/logout-all", demoted["token"])

    running.client.portal.call(running.app.kit.redis.flushall)

    assert running.get("/auth/me", user["token"]).status_code == 401
    assert running.get("/auth/me", demoted["token"]).status_code == 401


def test_wrong_passwords_are_throttled_and_the_owner_gets_in_again_later(start: Any) -> None:
    running = start(rate_scale=1.0)
    user = registered(running)
    tries = [running.login(user["email"], f"wrong password number {n}").status_code for n in range(11)]

    blocked = running.login(user["email"], user["password"])
    running.clock.set_offset(float(blocked.headers["Retry-After"]))
    later = running.login(user["email"], user["password"])

    assert tries == [401] * 10 + [429]
    assert (blocked.status_code, later.status_code) == (429, 200)


def test_logging_in_rightly_does_not_use_up_the_attempts(start: Any) -> None:
    running = start(rate_scale=1.0)
    user = registered(running)

    statuses = [running.login(user["email"], user["password"]).status_code for _ in range(15)]

    assert statuses == [200] * 15
