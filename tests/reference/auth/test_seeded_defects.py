"""Each seeded defect is wrong in its own way only, counts that truly, and its twin is not wrong at all."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from reference_impl.app import create_app
from reference_impl.settings import Settings


class Application:
    """The whole reference with seeded defects; the search provider can be told to fail."""

    def __init__(self, stack: ExitStack, folder: Path, defects: tuple[str, ...]) -> None:
        self.brave_status = 200
        settings = Settings(
            data_dir=folder, control=True, rate_scale=1000.0, defects=defects, brave_url="http://brave.test"
        )
        app = create_app(settings, transport=httpx.MockTransport(self._brave))
        self.client = stack.enter_context(TestClient(app, raise_server_exceptions=False))
        self.user = self.state("a signed-in user", role="admin")

    def _brave(self, _request: httpx.Request) -> httpx.Response:
        result = {"title": "Found", "url": "https://example.org/", "description": "It."}
        return httpx.Response(self.brave_status, json={"web": {"results": [result]}, "results": [result]})

    def state(self, name: str, **params: object) -> dict[str, Any]:
        body = {"state": name, "action": "setup", "params": params}
        return dict(self.client.post("/_control/states", json=body).json())

    def get(self, path: str, token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.user['token']}"}
        return self.client.get(path, headers=headers)

    def login(self, email: str) -> httpx.Response:
        return self.client.post("/auth/login", json={"email": email, "password": "wrong from the start"})

    def refresh(self, refresh_token: str) -> httpx.Response:
        return self.client.post("/auth/refresh", json={"refresh_token": refresh_token})

    def counts(self) -> tuple[int, int]:
        """Reached and triggered of the one defect; fails unless it is really in place."""
        (found,) = self.client.get("/_control/defects").json()["defects"]
        assert found["applied"] is True
        return found["reached"], found["triggered"]


Seeded = Callable[..., Application]


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeded]:
    with ExitStack() as stack:
        yield lambda *defects: Application(stack, tmp_path, defects)


def unsigned(token: str, **changed: object) -> str:
    head, claims, _ = token.split(".")
    if changed:
        opened = json.loads(base64.urlsafe_b64decode(claims + "=="))
        claims = base64.urlsafe_b64encode(json.dumps(opened | changed).encode()).rstrip(b"=").decode()
    header = json.loads(base64.urlsafe_b64decode(head + "==")) | {"alg": "none"}
    return f"{base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b'=').decode()}.{claims}."


def test_unsigned_token_gets_in_and_only_a_token_that_gets_in_counts(seeded: Seeded) -> None:
    target = seeded("jwt-alg-none")
    token = target.user["token"]

    refused = target.get("/auth/me", unsigned(token, aud="https://elsewhere.example")).status_code
    after_refusal = target.counts()
    accepted = target.get("/auth/me", unsigned(token)).status_code

    assert (refused, after_refusal) == (401, (1, 0))
    counted = target.counts()
    assert (accepted, counted[1]) == (200, 1)
    assert target.get("/auth/me").status_code == 200
    assert target.get("/auth/me", token[:-4] + "AAAA").status_code == 401
    assert target.counts() == counted


def test_used_refresh_token_is_taken_again_and_nothing_is_revoked(seeded: Seeded) -> None:
    target = seeded("refresh-reuse-undetected")
    used = target.user["refresh_token"]
    newest = target.refresh(used).json()["refresh_token"]
    before = target.counts()

    again = target.refresh(used)

    assert (before, again.status_code) == ((0, 0), 200)
    assert target.counts() == (1, 1)
    assert target.refresh(newest).status_code == 200


def test_unknown_address_gets_words_of_its_own(seeded: Seeded) -> None:
    target = seeded("login-enumerates-users")

    known, unknown = target.login(target.user["email"]), target.login("nobody@example.org")

    assert known.json()["detail"] != unknown.json()["detail"]
    assert target.counts() == (1, 1)


def test_other_words_for_everybody_are_no_defect(seeded: Seeded) -> None:
    target = seeded("login-enumerates-users:twin")

    known, unknown = target.login(target.user["email"]), target.login("nobody@example.org")

    assert known.json()["detail"] == unknown.json()["detail"]
    assert target.counts() == (2, 0)


def test_breaker_stays_closed_and_the_calls_after_its_threshold_count(seeded: Seeded) -> None:
    target = seeded("breaker-never-opens")
    target.brave_status = 503

    for number in range(5):  # two tries each make the minimum of calls
        target.get(f"/api/search/web?q=number{number}")
    at_threshold = target.counts()
    target.get("/api/search/web?q=another")

    (found,) = [
        each
        for each in target.get("/api/circuit-breakers/status").json()["breakers"]
        if each["name"] == "brave-search"
    ]
    assert (at_threshold, found["state"]) == ((1, 0), "closed")
    assert target.counts() == (3, 2)


def test_errors_show_the_trace_of_what_was_raised(seeded: Seeded) -> None:
    target = seeded("stack-trace-in-errors")
    target.get("/auth/me")
    before = target.counts()

    answer = target.get("/auth/users/usr_00000000000000000000000000")

    assert before == (0, 0)
    assert "Traceback" in answer.json()["trace"]
    assert "administration.py" in answer.json()["trace"]
    assert target.counts() == (1, 1)


def test_search_fails_with_its_provider(seeded: Seeded) -> None:
    target = seeded("search-fallback-missing")
    well = target.get("/api/search/web?q=well").status_code
    before = target.counts()
    target.brave_status = 500

    ill = target.get("/api/search/web?q=ill").status_code

    assert (well, before) == (200, (0, 0))
    assert (ill, target.counts()) == (502, (1, 1))


def test_search_that_remembers_nothing_is_no_defect(seeded: Seeded) -> None:
    target = seeded("search-fallback-missing:twin")
    target.get("/api/search/web?q=asked+before")
    target.brave_status = 500

    answer = target.get("/api/search/web?q=asked+before")

    assert answer.status_code == 200
    assert (answer.json()["degraded"], answer.json()["results"]) == (True, [])
    assert target.counts() == (1, 0)


def signed(target: Application, **claims: object) -> str:
    """A token of the issuer's own key with other claims."""
    return str(
        target.state("a token that the issuer signed", token=target.user["token"], claims=claims)["token"]
    )


def test_token_for_another_audience_gets_in_and_counts_only_when_it_does(seeded: Seeded) -> None:
    target = seeded("jwt-audience-ignored")
    expired = signed(target, aud="https://elsewhere.example", exp=1)

    refused = target.get("/auth/me", expired).status_code
    after_refusal = target.counts()
    accepted = target.get("/auth/me", signed(target, aud="https://elsewhere.example")).status_code

    assert (refused, after_refusal) == (401, (1, 0))
    assert (accepted, target.counts()[1]) == (200, 1)
    assert target.get("/auth/me", signed(target, iss="https://elsewhere.example")).status_code == 401


def test_without_a_defect_a_signed_token_must_be_right_in_every_claim(seeded: Seeded) -> None:
    target = seeded("jwt-audience-ignored:twin")

    assert target.get("/auth/me", signed(target)).status_code == 200
    for wrong in ({"aud": None}, {"iss": "x"}, {"exp": None}, {"exp": True}, {"nbf": 2**32}):
        assert target.get("/auth/me", signed(target, **wrong)).status_code == 401, wrong
    assert target.counts()[1] == 0


def test_a_signed_token_is_made_of_a_token_only(seeded: Seeded) -> None:
    target = seeded("jwt-audience-ignored:twin")

    for params in ({"token": "not a token"}, {}, {"token": target.user["token"], "claims": []}):
        body = {"state": "a token that the issuer signed", "action": "setup", "params": params}
        assert target.client.post("/_control/states", json=body).status_code == 422, params


def test_token_in_the_query_gets_in(seeded: Seeded) -> None:
    target = seeded("token-in-query-accepted")

    answer = target.client.get("/auth/me", params={"access_token": target.user["token"]})

    assert (answer.status_code, target.counts()) == (200, (1, 1))


def test_answer_about_oneself_shows_a_hash_and_its_twin_does_not(seeded: Seeded) -> None:
    target = seeded("me-shows-password-hash")

    assert target.get("/auth/me").json()["password_hash"].startswith("$argon2id$")
    assert target.counts() == (1, 1)


def test_refused_answer_about_oneself_is_left_alone(seeded: Seeded) -> None:
    target = seeded("me-shows-password-hash")

    assert target.get("/auth/me", "nonsense").status_code == 401
    assert target.counts()[1] == 0


def test_role_that_registers_itself_counts_and_its_twin_has_no_effect(seeded: Seeded) -> None:
    account = {"email": "mass@example.org", "password": "nine green bottles on a wall", "roles": ["admin"]}
    target = seeded("mass-assignment-of-roles")

    asked = target.client.post("/auth/register", json=account).status_code

    users = target.get("/auth/users?limit=100").json()["items"]
    assert asked == 202
    assert [each["roles"] for each in users if each["email"] == "mass@example.org"] == [["admin"]]
    assert target.counts() == (1, 1)
