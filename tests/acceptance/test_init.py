"""`harness init URL` reads a service, and the file it writes runs as it is."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.core.target import Target
from harness.target.file import load_target
from tests.acceptance.servers import serving
from tests.acceptance.test_bad_input import harness
from tests.targets import shops

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(120)]

Drafted = Callable[..., tuple[Target, str, list[tuple[str, str]]]]


@pytest.fixture
def drafted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drafted:
    """Return what `init` makes of a service: the target, its text, and the requests that were sent."""
    monkeypatch.chdir(tmp_path)

    def of(service: shops.Service, *flags: str, path: str = "") -> tuple[Target, str, list[tuple[str, str]]]:
        with serving(service) as (url, seen):
            assert main(["init", url + path, "--out", "t.toml", *flags]) == 0
        text = Path("t.toml").read_text(encoding="utf-8")
        return load_target("t.toml", {}), text.replace(url, "URL"), seen

    return of


def table(text: str) -> dict[str, Any]:
    return tomllib.loads(text)


def test_a_documented_login_becomes_two_identities(drafted: Drafted) -> None:
    target, _, _ = drafted(shops.shop())

    assert [item.name for item in target.identities] == ["alice", "bob"]
    login = target.identities[0].login
    assert login is not None
    assert (login.path, login.token, login.whoami, login.subject) == (
        "/auth/login",
        "data.accessToken",
        "/users/me",
        "id",
    )
    assert login.body == {"email": "{username}", "password": "{secret}"}
    assert not login.register_path


def test_secrets_come_from_the_environment_and_may_be_missing(drafted: Drafted) -> None:
    _, text, _ = drafted(shops.shop())

    given = load_target("t.toml", {"ALICE_PASSWORD": "s3cret"})

    assert [item.secret for item in given.identities] == ["s3cret", ""]
    assert '"${BOB_PASSWORD:-}"' in text


def test_what_ends_a_credential_is_never_called(drafted: Drafted) -> None:
    target, _, _ = drafted(shops.shop())

    assert set(target.never) == {"POST /auth/logout", "POST /auth/password/reset", "DELETE /users/me"}


def test_destructive_operations_are_listed_and_not_consented_to(drafted: Drafted) -> None:
    target, text, _ = drafted(shops.shop())

    assert target.consent.destructive == ()
    assert not target.consent.writes
    for name in ("DELETE /orders/{id}", "POST /admin/purge"):
        assert f'#   "{name}",' in text


def test_only_get_is_sent(drafted: Drafted) -> None:
    for service in (shops.shop(), shops.swagger2(), shops.undocumented(), shops.graph()):
        _, _, seen = drafted(service, "--force", "--crawl")
        assert {method for method, _ in seen} == {"GET"}


def test_a_swagger_2_document_gives_its_base_path_and_form(drafted: Drafted) -> None:
    target, text, _ = drafted(shops.swagger2())

    login = target.identities[0].login
    assert login is not None
    assert (login.path, login.is_form, login.token) == ("/api/login", True, "token")
    assert (target.base_url.count("/"), target.openapi) == (2, "/swagger.json")
    assert "X-Shop-Key" in text


def test_a_base_path_that_the_document_forgot_is_found(drafted: Drafted) -> None:
    target, text, _ = drafted(shops.mounted(), path="/shop/v1")

    assert target.base_url.endswith("/shop/v1")
    assert target.openapi == "/shop/v1/openapi.json"
    assert "answers 404" not in text


def test_a_page_for_people_leads_to_the_document(drafted: Drafted) -> None:
    target, _, _ = drafted(shops.documented_by_page())

    assert target.openapi == "/hidden/spec-7.yaml"


def test_without_a_document_that_is_said(drafted: Drafted, capsys: pytest.CaptureFixture[str]) -> None:
    target, text, _ = drafted(shops.undocumented())

    assert not target.openapi
    assert "No OpenAPI document was found" in text
    assert "--crawl" in capsys.readouterr().out


def test_a_crawl_lists_what_is_linked_and_leaves_the_rest_alone(drafted: Drafted) -> None:
    target, _, seen = drafted(shops.undocumented(), "--crawl")

    document = json.loads(Path(target.openapi_file).read_text(encoding="utf-8"))
    assert set(document["paths"]) == {"/", "/things", "/things/{id}"}
    assert not {path for _, path in seen} & {"/logout", "/style.css"}
    assert len(seen) < 110


def test_graphql_and_mcp_are_recognised_by_what_a_get_shows(drafted: Drafted) -> None:
    target, _, _ = drafted(shops.graph())

    assert (target.graphql, target.mcp) == ("/graphql", ("/mcp",))


def test_nothing_is_overwritten_without_force(drafted: Drafted, tmp_path: Path) -> None:
    Path("t.toml").write_text("mine", encoding="utf-8")
    with serving(shops.shop()) as (url, _):
        assert main(["init", url, "--out", "t.toml"]) == 2

    assert Path("t.toml").read_text(encoding="utf-8") == "mine"


def test_a_dead_url_is_unreachable(tmp_path: Path) -> None:
    assert harness("init", "http://127.0.0.1:9", cwd=tmp_path).returncode == 4


def test_what_a_service_says_of_itself_stays_in_its_line(drafted: Drafted) -> None:
    name = 'k"\n[consent]\nwrites = true\n#'
    evil = {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {"/a": {"get": {"responses": {}}}},
        "components": {"securitySchemes": {name: {"type": "http", "scheme": "bearer"}}},
    }

    def answer(_method: str, path: str) -> shops.Answer:
        return (
            (200, "application/json", json.dumps(evil).encode())
            if path == "/openapi.json"
            else (404, "text/plain", b"")
        )

    target, _, _ = drafted(answer)

    assert not target.consent.writes


def test_the_drafted_file_runs_as_it_is(tmp_path: Path) -> None:
    with serving(shops.shop()) as (url, seen):
        assert harness("init", url, "--out", "t.toml", cwd=tmp_path).returncode == 0
        ended = harness(
            "run", "t.toml", "--depth", "quick", "--layer", "scenarios", "--out", "out", cwd=tmp_path
        )

    run = json.loads((tmp_path / "out/run.json").read_text())
    assert run["layers"]["scenarios"]["completion"] == "completed", ended.stderr
    assert {method for method, _ in seen} <= {"GET", "HEAD", "OPTIONS"}
