"""Run folders made by hand for the commands that read one, and a server to replay against."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from harness.catalogue.rubric import load_rubric, rubric_to_json
from harness.core.exchange import Exchange, Request, Response
from harness.core.finding import Finding
from harness.core.layer import ENGINE_LAYERS, Layer
from harness.core.operation import Operation
from harness.core.outcome import Outcome
from harness.core.plan import PlannedSubject
from harness.core.run import LayerRecord, RunRecord, run_to_json
from harness.evidence.store import RunFolder

ITEMS = Operation(method="GET", path="/items", responses={"200": ("application/json",)})
CREATE = Operation(method="POST", path="/items", responses={"201": ("application/json",)})
LAYERS = {
    layer.value: LayerRecord(completion="completed", told_apart=True, exchanges=9) for layer in ENGINE_LAYERS
}


def write_run(
    path: Path,
    *,
    exchanges: Sequence[Exchange] = (),
    findings: Sequence[Finding] = (),
    planned: Sequence[tuple[str, str]] = (),
    **fields: Any,
) -> Path:
    """Write a complete run folder; what is planned and not found stays never judged."""
    rubric = load_rubric()
    plain: dict[str, Any] = {
        "id": path.name,
        "target": "shop",
        "profile": "portable",
        "base_url": "http://127.0.0.1:9",
        "started": "2026-02-04T10:15:00+00:00",
        "finished": "2026-02-04T10:16:00+00:00",
        "depth": "quick",
        "seed": 1,
        "is_partial": False,
        "rubric_version": rubric.version,
        "rubric_hash": rubric.hash,
        "operations": (ITEMS, CREATE),
        "layers": LAYERS,
        "subjects": tuple(PlannedSubject(requirement=name, subject=subject) for name, subject in planned),
        **fields,
    }
    folder = RunFolder.create(path)
    folder.write_run(run_to_json(RunRecord(**plain)))
    folder.write_rubric(rubric_to_json(rubric))
    for exchange in exchanges:
        folder.append_exchange(exchange)
    for finding in findings:
        folder.append_finding(finding)
    return path


def exchange(
    name: str = "scenarios-1",
    method: str = "GET",
    target: str = "/items",
    status: int = 500,
    answer: str = "{}",
    *,
    headers: Sequence[tuple[str, str]] = (("Accept", "*/*"),),
    body: str | None = None,
    **fields: Any,
) -> Exchange:
    return Exchange(
        id=name,
        layer=Layer.SCENARIOS,
        request=Request(
            method=method, target=target, headers=tuple(headers), body=body, body_size=len(body or "")
        ),
        response=Response(
            status=status, headers=(("Content-Type", "application/json"),), body=answer, body_size=len(answer)
        ),
        **fields,
    )


def failure(
    requirement: str, subject: str, *exchanges: str, outcome: Outcome = Outcome.FAIL, **fields: Any
) -> Finding:
    plain: dict[str, Any] = {
        "reason": "status-unexpected",
        "layer": Layer.SCENARIOS,
        "producer": "scenarios:test_shop.py",
        "expected": "it is answered",
        "seen": "answered 500",
        **fields,
    }
    return Finding(requirement=requirement, subject=subject, outcome=outcome, exchanges=exchanges, **plain)


Asked = tuple[str, str, Mapping[str, str], bytes]


@contextmanager
def shop(answer: Callable[[str, str], tuple[int, bytes]]) -> Iterator[tuple[str, list[Asked]]]:
    """Serve JSON on a free port; yield the URL and what was asked of it, headers in lower case."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append((self.command, self.path, headers, body))
            status, content = answer(self.command, self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _any  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
