"""The portable pack tells good services from bad ones, and says nothing of one that answers nothing."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness.core.operation import Operation
from harness.core.outcome import Outcome, dominant
from harness.layers.scenarios.context import Credentials, ScenarioContext, write_context

PACK = Path(__file__).parents[2] / "scenarios" / "portable"
FILES = ("authentication", "cors", "malformed_bodies", "methods", "unknown_paths")
ORIGIN = "Access-Control-Allow-Origin"
CREDENTIALS = {"Access-Control-Allow-Credentials": "true"}
TOKEN = "header.payload.signature-of-the-token"
OPERATIONS = (
    Operation(method="GET", path="/items"),
    Operation(method="GET", path="/secret", is_secured=True),
    Operation(method="POST", path="/items", request_media_types=("application/json",)),
    Operation(method="POST", path="/jobs", is_secured=True),
)


class Asked(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Told(NamedTuple):
    status: int
    headers: Mapping[str, str] = {}


Answer = Callable[[Asked], Told]


def good(asked: Asked) -> Told:
    """What a service without any of the faults answers."""
    methods = {each.path: set() for each in OPERATIONS}
    for each in OPERATIONS:
        methods[each.path].add(each.method)
    path = asked.path.partition("?")[0]
    if path not in methods:
        return Told(404)
    method = "GET" if asked.method == "HEAD" else asked.method
    if method not in methods[path]:
        return Told(405, {"Allow": ", ".join(sorted(methods[path]))})
    is_secured = path in {"/secret", "/jobs"}
    if is_secured and asked.headers.get("Authorization") != f"Bearer {TOKEN}":
        return Told(401, {"WWW-Authenticate": "Bearer"})
    if method == "POST":
        try:
            json.loads(asked.body)
        except ValueError:
            return Told(400)
        return Told(201)
    return Told(200)


Change = Callable[[Asked, Told], Told]


def but(*changes: Change) -> Answer:
    """The good service with changes to its answers, one after another."""

    def answer(asked: Asked) -> Told:
        told = good(asked)
        for change in changes:
            told = change(asked, told)
        return told

    return answer


def when(method: str, told: Told, *, status: int = 0, path: str = "") -> Change:
    """Another answer to one method, where the good one has a status, or on one path."""

    def change(asked: Asked, before: Told) -> Told:
        is_meant = asked.method == method and status in {0, before.status} and path in {"", asked.path}
        return told if is_meant else before

    return change


def allowing(origin: Callable[[str], bool], given: Callable[[str], str], *, method: str = "") -> Change:
    """CORS headers with credentials for some origins."""

    def change(asked: Asked, told: Told) -> Told:
        asking = asked.headers.get("Origin", "")
        if not origin(asking) or method not in {"", asked.method}:
            return told
        return Told(told.status, {**told.headers, ORIGIN: given(asking), **CREDENTIALS})

    return change


@pytest.fixture
def judge(tmp_path: Path) -> Iterator[Callable[..., Mapping[tuple[str, str], Outcome]]]:
    """Runs the pack on a service and returns the outcome of every subject."""
    servers: list[ThreadingHTTPServer] = []

    def judge(answer: Answer, **changes: Any) -> Mapping[tuple[str, str], Outcome]:
        server = serve(answer)
        servers.append(server)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        context = ScenarioContext(
            target="t",
            base_url=url,
            direct_url=url,
            may_write=True,
            operations=OPERATIONS,
            sessions={"alice": Credentials(name="alice", headers={"Authorization": f"Bearer {TOKEN}"})},
        )
        return run_pack(replace(context, **changes), tmp_path)

    yield judge
    for server in servers:
        server.shutdown()
        server.server_close()


def serve(answer: Answer) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = answer(Asked(self.command, self.path, dict(self.headers.items()), body))
            content = b"" if self.command == "HEAD" else b"{}"
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(content)))
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def run_pack(context: ScenarioContext, folder: Path) -> Mapping[tuple[str, str], Outcome]:
    (folder / "pytest.ini").write_text("[pytest]\n")
    write_context(context, folder / "context.json")
    findings = folder / "findings.ndjson"
    findings.unlink(missing_ok=True)
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "harness.pytest_plugin"),
            *("--import-mode=importlib", "-p", "no:cacheprovider", "-q", "-c", str(folder / "pytest.ini")),
            *("--findings", str(findings), "--harness-context", str(folder / "context.json")),
            *(str(PACK / f"test_{name}.py") for name in FILES),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [json.loads(line) for line in findings.read_text().splitlines()]
    assert lines[-1]["errors"] == 0, ended.stdout
    cells: dict[tuple[str, str], list[Outcome]] = {}
    for each in lines[:-1]:
        cells.setdefault((each["requirement"], each["subject"]), []).append(Outcome(each["outcome"]))
    return {cell: dominant(outcomes) for cell, outcomes in cells.items()}


UNKNOWN = ("errors.unknown-path-not-found", "target")
METHODS = ("api.method-not-allowed-names-methods", "target")
CORS = ("security.cors-closed", "target")
JSON = ("errors.malformed-json-refused", "target")
SECRET = ("security.authentication-enforced", "GET /secret")
JOBS = ("security.authentication-enforced", "POST /jobs")


def test_a_good_service_passes_everything(judge: Callable[..., Any]) -> None:
    outcomes = judge(good)

    assert outcomes == dict.fromkeys((UNKNOWN, METHODS, CORS, JSON, SECRET, JOBS), Outcome.PASS)


def test_a_service_that_answers_404_to_everything_passes_nothing(judge: Callable[..., Any]) -> None:
    outcomes = judge(lambda _: Told(404))

    assert set(outcomes.values()) == {Outcome.INCONCLUSIVE}


def test_without_a_document_and_identities_the_rest_is_still_judged(judge: Callable[..., Any]) -> None:
    outcomes = judge(but(when("GET", Told(200), path="/")), operations=())

    assert (outcomes[UNKNOWN], outcomes[CORS]) == (Outcome.PASS, Outcome.PASS)
    assert Outcome.FAIL not in outcomes.values()


FAULTS: Mapping[str, tuple[Answer, set[tuple[str, str]]]] = {
    "too friendly": (
        but(
            when("GET", Told(200), status=404),
            when("TRACE", Told(405), status=405),
            lambda asked, told: (
                Told(200) if "Authorization" in asked.headers and told.status == 401 else told
            ),
            when("POST", Told(201), status=400),
            allowing(bool, lambda _: "*", method="OPTIONS"),
        ),
        {UNKNOWN, METHODS, JSON, SECRET, CORS},
    ),
    "broken": (
        but(
            when("GET", Told(500), status=404),
            when("TRACE", Told(405)),
            when("GET", Told(200), path="/secret"),
            when("POST", Told(500), status=400),
            allowing(bool, lambda origin: origin),
        ),
        {UNKNOWN, METHODS, JSON, SECRET, CORS},
    ),
    "careless": (
        but(
            when("HEAD", Told(200), status=404),
            when("GET", Told(405, {"Allow": "GET"}), path="/jobs"),
            when("POST", Told(202), path="/jobs"),
            allowing(lambda origin: origin == "null", lambda _: "null"),
        ),
        {UNKNOWN, METHODS, JOBS, CORS},
    ),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_each_fault_fails_its_own_requirement_and_no_other(judge: Callable[..., Any], fault: str) -> None:
    answer, broken = FAULTS[fault]

    failed = {cell for cell, outcome in judge(answer).items() if outcome is Outcome.FAIL}

    assert failed == broken


def test_an_open_api_for_everybody_without_credentials_is_no_fault(judge: Callable[..., Any]) -> None:
    anybody = but(lambda _, told: Told(told.status, {**told.headers, ORIGIN: "*"}))

    assert judge(anybody)[CORS] is Outcome.PASS


def test_a_service_that_answers_any_method_alike_breaks_no_rule(judge: Callable[..., Any]) -> None:
    assert judge(but(when("TRACE", Told(200))))[METHODS] is Outcome.PASS


def test_a_redirect_of_what_does_not_exist_shows_nothing(judge: Callable[..., Any]) -> None:
    moved = Told(307, {"Location": "/v1/elsewhere"})

    assert judge(but(when("GET", moved, status=404)))[UNKNOWN] is Outcome.INCONCLUSIVE


def test_a_page_that_every_path_gives_shows_nothing(judge: Callable[..., Any]) -> None:
    page = Told(200, {"Content-Type": "text/html"})

    assert judge(but(when("GET", page, status=404)))[UNKNOWN] is Outcome.INCONCLUSIVE


def test_a_read_that_declares_a_body_is_sent_none(judge: Callable[..., Any]) -> None:
    reads = tuple(replace(each, request_media_types=("application/json",)) for each in OPERATIONS[:2])

    assert judge(good, operations=(*reads, *OPERATIONS[2:]))[JSON] is Outcome.PASS


def test_an_origin_given_back_without_credentials_is_an_open_api(judge: Callable[..., Any]) -> None:
    def echo(asked: Asked, told: Told) -> Told:
        return Told(told.status, {**told.headers, ORIGIN: asked.headers.get("Origin", "")})

    assert judge(but(echo))[CORS] is Outcome.PASS


def test_without_consent_nothing_is_written(judge: Callable[..., Any]) -> None:
    written: list[str] = []

    def answer(asked: Asked) -> Told:
        if asked.method in {"POST", "PUT", "DELETE", "PATCH"}:
            written.append(asked.path)
        return good(asked)

    planned = {JSON[0]: ("target",), SECRET[0]: ("GET /secret", "POST /jobs")}
    outcomes = judge(answer, may_write=False, planned=planned)

    assert not written
    assert (outcomes[JSON], outcomes[JOBS]) == (Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE)
    assert outcomes[SECRET] is Outcome.PASS
