"""Roles: what they inherit, who may change them, and that a change counts at once."""

from typing import Any

import pytest

from reference_impl.auth.roles import ROLE_TABLE, RoleCycle, build_roles, permissions_of
from reference_impl.kit.access import ROLES


def admin(running: Any, **params: object) -> dict[str, Any]:
    return dict(running.state("a signed-in user", role="admin", **params))


def etag(running: Any, token: str, user_id: str) -> str:
    return str(running.get(f"/auth/users/{user_id}", token).json()["etag"])


def change(running: Any, token: str, user_id: str, roles: list[str]) -> Any:
    path = f"/auth/users/{user_id}/roles"
    return running.put(path, token, {"roles": roles}, **{"If-Match": etag(running, token, user_id)})


def test_every_role_has_what_it_inherits_and_the_kit_agrees() -> None:
    for role in ROLE_TABLE.values():
        for parent in role.inherits:
            assert ROLE_TABLE[parent].permissions < role.permissions
        assert role.permissions == ROLES[role.name]


def test_roles_that_inherit_in_a_circle_are_refused() -> None:
    with pytest.raises(RoleCycle):
        build_roles({"a": frozenset(), "b": frozenset()}, {"a": ("b",), "b": ("a",)})


def test_unknown_role_in_a_token_grants_nothing() -> None:
    assert permissions_of(["root", "superuser"]) == frozenset()


def test_demotion_counts_for_the_very_next_request(running: Any) -> None:
    boss = admin(running)
    other = admin(running)
    before = running.get("/auth/users", other["token"]).status_code

    change(running, boss["token"], other["user_id"], ["reader"])

    assert before == 200
    assert running.get("/auth/users", other["token"]).status_code == 401
    fresh = running.refresh(other["refresh_token"]).json()["access_token"]
    assert running.get("/auth/users", fresh).status_code == 403
    assert running.get("/auth/me", fresh).json()["roles"] == ["reader"]


def test_change_without_the_current_etag_is_refused(running: Any) -> None:
    boss = admin(running)
    user = running.state("a registered user")
    path = f"/auth/users/{user['user_id']}/roles"
    stale = etag(running, boss["token"], user["user_id"])
    change(running, boss["token"], user["user_id"], ["operator"])

    missing = running.put(path, boss["token"], {"roles": ["reader"]})
    old = running.put(path, boss["token"], {"roles": ["reader"]}, **{"If-Match": stale})

    assert (missing.status_code, old.status_code) == (428, 412)


def test_user_of_another_tenant_is_as_unknown_as_one_that_never_was(running: Any) -> None:
    boss = admin(running, tenant="north")
    stranger = running.state("a registered user", tenant="south")["user_id"]
    nobody = stranger[:-4] + "0000"

    def told(user_id: str) -> tuple[int, object]:
        path = f"/auth/users/{user_id}/roles"
        answer = running.put(path, boss["token"], {"roles": ["reader"]}, **{"If-Match": "*"})
        return answer.status_code, answer.json()["detail"]

    assert told(stranger) == told(nobody)
    assert told(stranger)[0] == 404
    listed = running.get("/auth/users?limit=100", boss["token"]).json()["items"]
    assert {user["tenant"] for user in listed} == {"north"}


def test_the_audit_log_shows_an_administrator_their_own_tenant(running: Any) -> None:
    boss, ours = admin(running, tenant="north"), running.state("a registered user", tenant="north")
    stranger = running.state("a registered user", tenant="south")
    running.login(stranger["email"], "not the password of anybody")
    running.login("nobody@example.org", "not the password of anybody")

    shown = running.get("/auth/audit?limit=100", boss["token"]).json()["items"]

    concerned = {event["actor"] for event in shown} | {event["subject"] for event in shown}
    assert {boss["user_id"], ours["user_id"]} <= concerned
    assert stranger["user_id"] not in concerned
    assert not [event for event in shown if event["subject"].startswith("address:")]


def test_what_unknown_addresses_did_is_shown_to_the_first_tenant_alone(running: Any) -> None:
    stranger = running.state("a registered user", tenant="south")
    running.login("nobody@example.org", "not the password of anybody")

    shown = running.get("/auth/audit?limit=100", admin(running)["token"]).json()["items"]

    assert [event for event in shown if event["subject"].startswith("address:")]
    assert stranger["user_id"] not in {event["subject"] for event in shown}


def test_administrator_cannot_lock_itself_out(running: Any) -> None:
    boss = admin(running)

    assert change(running, boss["token"], boss["user_id"], ["user"]).status_code == 409


def test_ordinary_user_cannot_make_itself_an_administrator(running: Any) -> None:
    user = running.state("a signed-in user")
    path = f"/auth/users/{user['user_id']}/roles"

    answer = running.put(path, user["token"], {"roles": ["admin"]}, **{"If-Match": "*"})

    assert answer.status_code == 403
    assert running.get("/auth/me", user["token"]).json()["roles"] == ["user"]


def test_role_that_does_not_exist_is_refused(running: Any) -> None:
    boss = admin(running)
    path = f"/auth/users/{boss['user_id']}/roles"

    assert running.put(path, boss["token"], {"roles": ["root"]}, **{"If-Match": "*"}).status_code == 422


def test_users_are_paged_and_show_no_hash(running: Any) -> None:
    boss = admin(running, tenant="paged")
    for _ in range(4):
        running.state("a registered user", tenant="paged")
    seen: list[str] = []
    page = running.get("/auth/users?limit=2", boss["token"]).json()
    while True:
        seen += [user["id"] for user in page["items"]]
        assert "argon2" not in str(page)
        if page["next_cursor"] is None:
            break
        page = running.get(f"/auth/users?limit=2&cursor={page['next_cursor']}", boss["token"]).json()

    assert len(seen) == len(set(seen)) == 5


def test_bootstrap_administrator_is_there_after_every_start(start: Any, passphrase: str) -> None:
    given = {"admin_email": "Root@example.org", "admin_password": passphrase}
    start(**given)
    running = start(**given)

    token = running.login("root@example.org").json()["access_token"]

    assert running.get("/auth/users", token).status_code == 200
