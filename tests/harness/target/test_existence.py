"""A capability that every good target has is asked for; a target without it, or with a broken one, fails."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from harness.core.outcome import Outcome
from harness.core.plan import Capability, CapabilityState
from harness.core.target import Target
from harness.runner.discovery import existence_findings
from harness.target.probes import probe_all
from tests.acceptance.servers import Answer, serving
from tests.harness.layers.assigning import instance_of

DOCUMENT = b'{"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}}'
SERVED: dict[str, Answer] = {
    "/openapi.json": (200, "application/json", DOCUMENT),
    "/health": (200, "application/json", b"{}"),
    "/metrics": (200, "text/plain", b"visits_total 1\n"),
}
EXISTENCE = {"api.openapi-document-served", "monitoring.health-served", "monitoring.metrics-served"}


def found(answer: Callable[[str, str], Answer]) -> dict[str, tuple[Outcome, str]]:
    with serving(answer) as (url, _):
        capabilities = probe_all(instance_of(Target(name="a", base_url=url), url))
    findings = {item.requirement: (item.outcome, item.reason) for item in existence_findings(capabilities)}
    return {name: findings[name] for name in EXISTENCE}


def of(served: dict[str, Answer], otherwise: int = 404) -> Callable[[str, str], Answer]:
    return lambda _method, path: served.get(path.partition("?")[0], (otherwise, "text/plain", b"no"))


def test_a_target_that_serves_them_passes() -> None:
    assert found(of(SERVED)) == dict.fromkeys(EXISTENCE, (Outcome.PASS, "present"))


class GivesCookies(BaseHTTPRequestHandler):
    """Signs in whoever asks anything."""

    came_with: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        self.came_with.append(self.headers["Cookie"])
        self.send_response(200)
        self.send_header("Set-Cookie", "session=signed-in; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


def test_no_question_is_asked_as_whom_an_earlier_answer_signed_in() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), GivesCookies) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"

        probe_all(instance_of(Target(name="a", base_url=url), url))

        server.shutdown()
        thread.join()

    assert len(GivesCookies.came_with) > 1
    assert set(GivesCookies.came_with) == {None}


@pytest.mark.parametrize(
    ("path", "requirement"),
    [
        ("/openapi.json", "api.openapi-document-served"),
        ("/health", "monitoring.health-served"),
        ("/metrics", "monitoring.metrics-served"),
    ],
)
def test_what_is_not_served_fails_its_own_requirement_and_no_other(path: str, requirement: str) -> None:
    outcomes = found(of({name: answer for name, answer in SERVED.items() if name != path}))

    assert outcomes.pop(requirement) == (Outcome.FAIL, "absent")
    assert {outcome for outcome, _ in outcomes.values()} == {Outcome.PASS}


def test_what_answers_with_a_server_error_is_broken_and_not_absent() -> None:
    assert found(of({}, 500)) == dict.fromkeys(EXISTENCE, (Outcome.FAIL, "broken"))


@pytest.mark.parametrize(
    ("path", "page", "reason"),
    [
        ("/openapi.json", b'{"openapi": "3.1.0"', "broken"),
        ("/openapi.json", b"<html>Welcome</html>", "absent"),
        ("/metrics", b"<html>Welcome</html>", "absent"),
    ],
)
def test_a_page_of_another_kind_is_not_taken_for_what_was_asked(path: str, page: bytes, reason: str) -> None:
    requirement = "api.openapi-document-served" if path == "/openapi.json" else "monitoring.metrics-served"

    outcomes = found(of({**SERVED, path: (200, "text/html", page)}))

    assert outcomes[requirement] == (Outcome.FAIL, reason)


@pytest.mark.parametrize("interface", ["graphql", "mcp"])
def test_what_describes_itself_may_have_nothing_for_openapi_to_describe(interface: str) -> None:
    capabilities = {
        name: Capability(id=name, state=state, detail="asked")
        for name, state in (("openapi", CapabilityState.ABSENT), (interface, CapabilityState.PRESENT))
    }

    (finding,) = existence_findings(capabilities)

    assert (finding.outcome, finding.reason) == (Outcome.INCONCLUSIVE, "described-otherwise")
