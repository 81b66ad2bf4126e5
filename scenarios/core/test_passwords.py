"""Passwords count whole, weak ones are refused, and registering tells nobody who has an account."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import Accounts
from harness.layers.scenarios.expect import expect_status
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.signals import baseline

_COMMON = ("passwordpassword", "qwertyuiopasdfghjkl", "1234567890123456", "iloveyouiloveyou")
_VOLATILE_MEMBERS = frozenset({"request_id", "instance"})
_VOLATILE_HEADERS = frozenset(
    {"date", "x-request-id", "traceparent", "traceresponse", "ratelimit", "content-length"}
)

pytestmark = pytest.mark.usefixtures("fresh_windows")


def register(client: httpx.Client, email: str, password: str) -> httpx.Response:
    """Ask for an account."""
    return client.post("/auth/register", json={"email": email, "password": password})


def login(client: httpx.Client, email: str, password: str) -> httpx.Response:
    """Try to log in."""
    return client.post("/auth/login", json={"email": email, "password": password})


@pytest.mark.requirement("auth.password-used-whole", "last character", "letter case")
def test_a_long_password_counts_to_its_last_character_and_as_it_was_typed(
    client: httpx.Client, unique: str, judged: Judged
) -> None:
    """Of a password of a hundred characters, spaces and accents among them, every one counts."""
    email = f"long-{unique}@example.org"
    password = (
        f"Neun grüne Flaschen {unique} hängen an der Wand, und fällt eine davon herab, bleiben ACHT zurück."
    )
    with baseline("cannot-log-in"):
        expect_status(register(client, email, password), 200, 201, 202)
        expect_status(login(client, email, password), 200, when="with the password as it was chosen")
    with judged("last character"):
        for wrong in (password[:-1], password[:-1] + "!", password + "."):
            expect_status(
                login(client, email, wrong), 401, when=f"with a password that ends in {wrong[-4:]!r}"
            )
        expect_status(login(client, email, password[:72]), 401, when="with the first 72 characters only")
    with judged("letter case"):
        for wrong in (password.lower(), password.swapcase(), password.replace("Wand", "wand")):
            expect_status(login(client, email, wrong), 401, when="in another letter case")


@pytest.mark.requirement("auth.weak-password-refused", "short", "common", "own address")
def test_a_weak_password_is_refused(client: httpx.Client, unique: str, judged: Judged) -> None:
    """A short password, a common one and the account's own address are refused with a reason."""
    with baseline("no-password-accepted"):
        good = register(client, f"good-{unique}@example.org", f"nine green bottles of {unique}")
        expect_status(good, 200, 201, 202, when="with a good password")
    with judged("short"):
        refused(register(client, f"short-{unique}@example.org", "kQ7!vz"))
    with judged("common"):
        for number, password in enumerate(_COMMON):
            refused(register(client, f"common-{unique}-{number}@example.org", password))
    with judged("own address"):
        email = f"somebody-{unique}@example.org"
        for password in (email, email.upper()):
            refused(register(client, email, password))


def refused(answer: httpx.Response) -> None:
    """A refusal of a password says why."""
    expect_status(answer, 400, 422, when="with a weak password")
    document = answer.json()
    assert document.get("detail") or document.get("errors"), (
        f"a password is refused without a word: {document}"
    )


@pytest.mark.requirement("auth.registration-enumeration-safe")
def test_registering_does_not_tell_who_has_an_account(
    accounts: Accounts, client: httpx.Client, unique: str
) -> None:
    """A registration of a known address is answered like that of an unknown one, and changes nothing."""
    known, password = accounts(), f"another pass phrase {unique}"

    for email in (known.email, known.email.upper()):
        of_known = register(client, email, password)
        of_unknown = register(client, f"new-{unique}-{len(email)}-{email[:1]}@example.org", password)
        assert visible(of_known) == visible(of_unknown), (
            f"a known address is answered {visible(of_known)}, an unknown one {visible(of_unknown)}"
        )
    expect_status(login(client, known.email, known.password), 200, when="by the owner, afterwards")
    expect_status(
        login(client, known.email, password), 401, when="with the password of the second registration"
    )


def visible(answer: httpx.Response) -> Mapping[str, Any]:
    """Return what a caller can compare, without what differs in every answer."""
    return {
        "status": answer.status_code,
        "headers": sorted(set(answer.headers) - _VOLATILE_HEADERS),
        "body": {name: value for name, value in answer.json().items() if name not in _VOLATILE_MEMBERS},
    }
