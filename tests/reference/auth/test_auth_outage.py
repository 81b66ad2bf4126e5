"""Auth while Redis is away: nothing gets in that should not, and nobody is thrown out."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def cut_off(start: Any, tmp_path: Path) -> tuple[Any, Any]:
    """Two processes on one database; the second cannot reach Redis."""
    return start(), start(redis_url=f"unix://{tmp_path / 'no.sock'}")


def test_login_and_refresh_are_refused_with_the_time_to_come_back(cut_off: tuple[Any, Any]) -> None:
    whole, cut = cut_off
    user = whole.state("a signed-in user")

    login = cut.login(user["email"], user["password"])
    refresh = cut.refresh(user["refresh_token"])

    assert (login.status_code, refresh.status_code) == (503, 503)
    assert int(login.headers["Retry-After"]) >= 1
    assert login.headers["content-type"] == "application/problem+json"
    assert whole.refresh(user["refresh_token"]).status_code == 200


def test_good_token_still_works(cut_off: tuple[Any, Any]) -> None:
    whole, cut = cut_off
    user = whole.state("a signed-in user")

    assert cut.get("/auth/me", user["token"]).status_code == 200


def test_revoked_token_still_does_not(cut_off: tuple[Any, Any]) -> None:
    whole, cut = cut_off
    logged_out, everywhere = whole.state("a signed-in user"), whole.state("a signed-in user")
    for user in (logged_out, everywhere):
        assert cut.get("/auth/me", user["token"]).status_code == 200

    whole.post("/auth/logout", logged_out["token"])
    whole.post("/auth/logout-all", everywhere["token"])

    assert cut.get("/auth/me", logged_out["token"]).status_code == 401
    assert cut.get("/auth/me", everywhere["token"]).status_code == 401


def test_logout_that_others_would_not_hear_of_is_refused_and_changes_nothing(
    cut_off: tuple[Any, Any],
) -> None:
    whole, cut = cut_off
    user = whole.state("a signed-in user")

    refused = cut.post("/auth/logout", user["token"])

    assert refused.status_code == 503
    assert whole.get("/auth/me", user["token"]).status_code == 200
    assert whole.refresh(user["refresh_token"]).status_code == 200


def test_process_starts_and_publishes_its_key_without_redis(start: Any, tmp_path: Path) -> None:
    running = start(redis_url=f"unix://{tmp_path / 'no.sock'}")

    assert len(running.client.get("/.well-known/jwks.json").json()["keys"]) == 1
