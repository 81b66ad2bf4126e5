"""What is shown of accounts: no secrets to anybody, and nothing to another tenant's administrator."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import Account, Accounts
from harness.layers.scenarios.expect import asked, expect_status, json_of
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.signals import baseline

#: Members that hold a secret whatever it is; `password_changed_at` and the like tell none.
_SECRET_NAME = re.compile(
    r"(hashed_?)?(password|passwd|pass_?phrase|secret)(_?hash)?|salt|(client|totp|mfa)_?secret|private_?key"
    r"|refresh_?token(_?hash)?|recovery_?codes?",
    re.IGNORECASE,
)
#: Hashes of passwords in the forms that libraries store, and private keys.
_SECRET_VALUE = re.compile(
    r"\$(argon2\w*|2[aby]?|scrypt|pbkdf2[\w-]*|[156y])\$|pbkdf2_sha|BEGIN [A-Z ]*PRIVATE KEY"
)


def members(document: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every member of a document with the name it stands under."""
    match document:
        case dict():
            for key, value in document.items():
                yield from members(value, str(key))
        case list():
            for value in document:
                yield from members(value, name)
        case _:
            yield name, document


def check_without_secrets(answer: httpx.Response, account: Account) -> None:
    """Nothing in an answer is called or looks like a secret."""
    for name, value in members(json_of(answer)):
        if not isinstance(value, str) or not value:
            continue
        assert not _SECRET_NAME.fullmatch(name), f"{asked(answer)} shows a member {name!r}"
        assert not _SECRET_VALUE.search(value), f"{asked(answer)} shows a hash or a key in {name!r}"
        assert account.password not in value, f"{asked(answer)} shows a password in {name!r}"


@pytest.mark.requirement("security.no-secrets-in-answers", "own account", "user list", "user", "audit trail")
def test_no_answer_about_an_account_shows_a_secret(accounts: Accounts, judged: Judged) -> None:
    """Neither the owner nor an administrator is shown a password, its hash, a token or a key."""
    user, admin = accounts(), accounts.shared("admin").client
    with judged("own account"):
        check_without_secrets(user.client.get("/auth/me"), user)
    with judged("user list"):
        check_without_secrets(admin.get("/auth/users", params={"limit": 100}), user)
    with judged("user"):
        check_without_secrets(admin.get(f"/auth/users/{user.user_id}"), user)
    with judged("audit trail"):
        check_without_secrets(admin.get("/auth/audit", params={"limit": 100}), user)


@pytest.mark.requirement("security.tenants-isolated", "listed", "read", "changed")
def test_an_administrator_rules_over_their_own_tenant_only(
    accounts: Accounts, unique: str, judged: Judged
) -> None:
    """Another tenant's user is neither listed, read nor changed by an administrator."""
    theirs = accounts(tenant=f"tenant-{unique}")
    admin, native = accounts.shared("admin").client, accounts("admin", tenant=f"tenant-{unique}").client
    path = f"/auth/users/{theirs.user_id}"
    with baseline():
        etag = expect_status(native.get(path), 200, when="by the tenant's own administrator").headers["etag"]
    with judged("listed"):
        for page in pages(admin):
            assert theirs.user_id not in page, "another tenant's user is listed"
    with judged("read"):
        expect_status(admin.get(path), 403, 404, when="by another tenant's administrator")
    with judged("changed"):
        for condition in (etag, "*"):
            roles = admin.put(f"{path}/roles", json={"roles": ["reader"]}, headers={"If-Match": condition})
            expect_status(roles, 403, 404, when="by another tenant's administrator")
        assert json_of(native.get(path))["roles"] == ["user"], (
            "another tenant's administrator changed the roles"
        )


def pages(admin: httpx.Client) -> Iterator[str]:
    """Yield the pages of the list of users, up to twenty of them."""
    cursor: str | None = None
    for _ in range(20):
        params = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
        answer = expect_status(admin.get("/auth/users", params=params), 200)
        yield answer.text
        cursor = answer.json().get("next_cursor")
        if not cursor:
            return
