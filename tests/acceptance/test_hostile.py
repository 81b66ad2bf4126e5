"""A hostile or broken server costs bounded time and memory, and what is wrong with it is said."""

import json
import os
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.servers import Answer, serving
from tests.targets.hostile import MODES, hostile, moved

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(240)]


@dataclass(frozen=True)
class Ended:
    code: int
    text: str
    folder: Path

    @property
    def run(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads((self.folder / "run.json").read_text())
        return record

    def capability(self, name: str) -> tuple[str, str]:
        found = self.run["capabilities"][name]
        return found["state"], found["detail"]

    def outcomes(self) -> set[tuple[str, str]]:
        lines = (self.folder / "findings.ndjson").read_text().splitlines()
        return {(item["requirement"], item["outcome"]) for item in map(json.loads, lines)}


def run(tmp_path: Path, target: str, *flags: str, env: dict[str, str] | None = None) -> Ended:
    ended = subprocess.run(
        [sys.executable, "-m", "harness", "run", target, "--depth", "quick", "--out", "out", *flags],
        cwd=tmp_path,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=230,
        check=False,
    )
    text = ended.stdout + ended.stderr
    assert "Traceback" not in text, text
    return Ended(ended.returncode, text, tmp_path / "out")


SCENARIOS = ("--layer", "scenarios")
FUZZ = ("--layer", "fuzz")


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("enormous", "longer than"),
        ("deep", "nested too deeply"),
        ("aliases", "more than"),
        ("odd-encoding", "no encoding of Unicode"),
    ],
)
def test_a_document_that_cannot_be_read_is_broken_for_that_reason(
    tmp_path: Path, mode: str, said: str
) -> None:
    with hostile(MODES[mode]()) as url:
        ended = run(tmp_path, url, *SCENARIOS)

    state, detail = ended.capability("openapi")
    assert state == "broken", ended.text
    assert ended.code in {0, 1}  # it is advice to serve a document
    assert said in detail


@pytest.mark.parametrize("mode", ["recursive", "invalid", "utf-16"])
def test_a_document_that_can_be_read_in_part_is_used_in_part(tmp_path: Path, mode: str) -> None:
    with hostile(MODES[mode]()) as url:
        ended = run(tmp_path, url, *FUZZ)

    assert ended.capability("openapi")[0] == "present", ended.text
    assert ended.run["layers"]["fuzz"]["completion"] in {"completed", "crashed", "nothing-ran"}
    assert ended.code in {0, 1, 3, 5}, ended.text


def test_a_redirect_to_another_origin_is_not_followed(tmp_path: Path) -> None:
    def elsewhere(_method: str, _path: str) -> Answer:
        return 200, "application/json", json.dumps({"openapi": "3.1.0", "paths": {}}).encode()

    with serving(elsewhere) as (other, seen), hostile(moved(other)) as url:
        ended = run(tmp_path, url, *SCENARIOS)

    assert seen == []
    assert ended.capability("openapi")[0] == "absent", ended.text
    assert ended.code in {0, 1, 5}


@pytest.mark.parametrize("mode", ["endless", "dripping", "bomb", "cut", "half-head", "circling"])
def test_answers_that_do_not_end_well_end_the_run_in_bounded_time(tmp_path: Path, mode: str) -> None:
    with hostile(MODES[mode]()) as url:
        ended = run(tmp_path, url, *SCENARIOS, "--max-time", "25")

    assert ended.code in {0, 1, 3, 4, 5, 7}, ended.text
    if ended.code != 4:
        passed = {name for name, outcome in ended.outcomes() if outcome == "pass"}
        assert "api.openapi-document-served" not in passed


def test_a_server_that_accepts_and_says_nothing_is_unreachable(tmp_path: Path) -> None:
    with hostile(MODES["silent"]()) as url:
        ended = run(tmp_path, url)

    assert ended.code == 4, ended.text
    assert "Timeout" in ended.text


def test_a_page_for_everything_is_no_document(tmp_path: Path) -> None:
    with hostile(MODES["page"]()) as url:
        ended = run(tmp_path, url, *SCENARIOS)

    assert ended.capability("openapi")[0] == "absent", ended.text
    assert ended.capability("graphql")[0] == "absent"


def test_http_1_0_is_spoken_with(tmp_path: Path) -> None:
    with hostile(MODES["http-1.0"]()) as url:
        ended = run(tmp_path, url, *FUZZ)

    assert ended.capability("openapi")[0] == "present", ended.text
    assert ended.run["layers"]["fuzz"]["exchanges"] >= 10


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext"
    subprocess.run(
        [*command.split(), "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "ca.pem"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    both = (folder / "key.pem").read_bytes() + (folder / "ca.pem").read_bytes()
    (folder / "both.pem").write_bytes(both)
    return folder / "both.pem"


def tls_of(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_nobody_signed_is_said_with_what_to_do(tmp_path: Path, certificate: Path) -> None:
    with hostile(MODES["good"](), tls_of(certificate)) as url:
        ended = run(tmp_path, url)

    assert ended.code == 4, ended.text
    assert "tls_ca" in ended.text
    assert "tls_verify" in ended.text


@pytest.mark.parametrize("trust", ['tls_ca = "CA"', "tls_verify = false"])
def test_a_deployment_of_ones_own_authority_is_measured(
    tmp_path: Path, certificate: Path, trust: str
) -> None:
    trust = trust.replace("CA", str(certificate.with_name("ca.pem")))
    with hostile(MODES["good"](), tls_of(certificate)) as url:
        (tmp_path / "t.toml").write_text(f'name = "t"\nbase_url = "{url}"\n{trust}\n')
        ended = run(tmp_path, "t.toml", *SCENARIOS)

    assert ended.capability("openapi")[0] == "present", ended.text
    assert ended.run["layers"]["scenarios"]["completion"] == "completed"


def test_proxies_of_the_environment_are_left_alone(tmp_path: Path) -> None:
    dead = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    with hostile(MODES["good"]()) as url:
        ended = run(tmp_path, url, *FUZZ, env=dead)

    assert ended.run["layers"]["fuzz"]["exchanges"] >= 10, ended.text
