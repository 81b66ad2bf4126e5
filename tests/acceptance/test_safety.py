"""What reaches a deployment, counted where it arrives: reads, within budget and pace, on its own origin."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.servers import Answer, serving
from tests.acceptance.test_bad_input import harness, not_found

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

READS = {"GET", "HEAD", "OPTIONS"}
_SECURED = [{"bearer": []}]


def tempting(elsewhere: str) -> Callable[[str, str], Answer]:
    """A service that declares everything there is to do wrong, and points elsewhere wherever it can."""
    thing = {"$ref": f"{elsewhere}/schemas.json#/Thing"}
    example = {"externalValue": f"{elsewhere}/example.json"}
    content = {"application/json": {"schema": thing, "examples": {"one": example}}}
    link = {"operationRef": f"{elsewhere}/x"}
    ok = {"200": {"description": "d", "content": content, "links": {"next": link}}}
    body = {"content": content}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "tempting", "version": "1"},
        "servers": [{"url": elsewhere}],
        "externalDocs": {"url": f"{elsewhere}/docs"},
        "paths": {
            "/things": {
                "get": {"responses": ok},
                "post": {"requestBody": body, "responses": ok},
                "delete": {"responses": {"204": {"description": "all gone"}}},
            },
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {"responses": ok, "security": _SECURED},
                "put": {"requestBody": body, "responses": ok},
                "delete": {"responses": ok},
            },
            "/moved": {"get": {"responses": ok}},
            "/auth/logout": {"post": {"responses": ok}},
            "/graphql": {"post": {"responses": ok}},
        },
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }

    def answer(method: str, path: str) -> Answer:
        local = path.split("?", 1)[0]
        if local == "/openapi.json":
            return 200, "application/json", json.dumps(document).encode()
        if local == "/graphql":
            return 200, "application/json", b'{"data": {"__typename": "Query"}}'
        if local.startswith("/things"):
            return 200, "application/json", json.dumps({"next": f"{elsewhere}/things"}).encode()
        if local == "/moved":
            return 302, f"text/plain\r\nLocation: {elsewhere}/things", b""
        return not_found(method, path)

    return answer


def test_a_bare_url_gets_reads_on_its_own_origin_and_nothing_else(tmp_path: Path) -> None:
    with serving(not_found) as (elsewhere, strayed), serving(tempting(elsewhere)) as (url, seen):
        ended = harness("run", url, "--depth", "quick", "--out", "out", cwd=tmp_path)

    assert ended.returncode in {0, 1, 5}, ended.stderr
    assert {method for method, _ in seen if method != "POST"} <= READS
    # a GraphQL query is a read; the recorder lets no other POST through
    assert {path for method, path in seen if method == "POST"} <= {"/graphql"}
    assert strayed == []
    assert {"/things", "/moved"} <= {path.split("?")[0] for _, path in seen}


def test_the_request_log_shows_what_arrived(tmp_path: Path) -> None:
    with serving(not_found) as (elsewhere, _), serving(tempting(elsewhere)) as (url, seen):
        harness("run", url, "--depth", "quick", "--layer", "scenarios", "--out", "out", cwd=tmp_path)

    lines = (tmp_path / "out/requests.log").read_text().splitlines()
    sent = [line.split("\t") for line in lines if not line.startswith("#")]
    logged = {(method, target) for _, _, _, method, target, status, _ in sent if "not sent" not in status}
    assert len(logged) > 10
    assert logged <= {(method, path[:300]) for method, path in seen}  # longer ones are cut
    assert lines[-2].startswith("# sent: ")


def test_a_budget_of_requests_is_kept_and_its_end_is_said(tmp_path: Path) -> None:
    with serving(not_found) as (elsewhere, _), serving(tempting(elsewhere)) as (url, seen):
        ended = harness("run", url, "--depth", "quick", "--max-requests", "60", "--out", "out", cwd=tmp_path)

    assert len(seen) <= 60
    run = json.loads((tmp_path / "out/run.json").read_text())
    assert "budget of 60 requests" in json.dumps(run["layers"]), ended.stderr
    assert ended.returncode in {1, 7}
    findings = [json.loads(line) for line in (tmp_path / "out/findings.ndjson").read_text().splitlines()]
    assert not [item for item in findings if item["outcome"] == "error"]


def test_a_rate_is_kept_by_all_layers_together(tmp_path: Path) -> None:
    arrived: list[float] = []
    with serving(not_found) as (elsewhere, _):
        inner = tempting(elsewhere)

        def answer(method: str, path: str) -> Answer:
            arrived.append(time.monotonic())
            return inner(method, path)

        with serving(answer) as (url, _):
            harness("run", url, "--depth", "quick", "--rate", "15", "--out", "out", cwd=tmp_path)

    busiest = max(sum(start <= moment < start + 2 for moment in arrived) for start in arrived)
    assert len(arrived) > 60
    assert busiest <= 2 * 15 + 5


def test_with_consent_to_writes_nothing_is_destroyed_that_was_not_named(tmp_path: Path) -> None:
    with serving(not_found) as (elsewhere, _), serving(tempting(elsewhere)) as (url, seen):
        (tmp_path / "t.toml").write_text(
            f'name = "t"\nbase_url = "{url}"\nnever = ["POST /auth/logout"]\n'
            '[consent]\nwrites = true\ndestructive = ["DELETE /things/{id}"]\n'
        )
        harness("run", "t.toml", "--depth", "quick", "--out", "out", cwd=tmp_path)

    methods = {method for method, _ in seen}
    destroyed = {path.split("?")[0] for method, path in seen if method == "DELETE"}
    assert "POST" in methods
    assert all(path.count("/") == 2 and path.startswith("/things/") for path in destroyed), destroyed
