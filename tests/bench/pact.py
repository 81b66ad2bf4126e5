"""Pact verification as the contracts layer does it, against the stock verifier, on the same pact."""

import json
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from harness.layers.contracts.states import StateKind
from harness.layers.contracts.verification import Verifying
from tests.bench.rows import Row

_INTERACTIONS = 300
_ROUNDS = 3
#: What the documentation of pact-python shows: a verifier with a pact, and a function that sets a state and
#: undoes it, which here as there is a call to the provider.
_STOCK = """
import json
import sys
import urllib.request
from pact import Verifier
pact, url, states = sys.argv[1:]
def change(action, parameters):
    body = json.dumps({"state": "an order", "action": action, "params": parameters}).encode()
    asked = urllib.request.Request(url + "/states", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(asked).close()
verifier = Verifier("orders", host="127.0.0.1").add_transport(url=url).add_source(pact)
if states:
    verifier.state_handler({"an order": change}, teardown=True)
verifier.verify()
"""


class _Provider(BaseHTTPRequestHandler):
    """Answers every order, and takes every state."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""

    def do_GET(self) -> None:
        self._send({"id": self.path.rpartition("/")[2], "total": 7})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._send({})

    def _send(self, value: object) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def _provider() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _pact(folder: Path, *, states: bool) -> Path:
    interactions = [
        {
            "type": "Synchronous/HTTP",
            "description": f"reads order {number}",
            **({"providerStates": [{"name": "an order"}]} if states else {}),
            "request": {"method": "GET", "path": f"/orders/{number}"},
            "response": {
                "status": 200,
                "body": {
                    "content": {"id": str(number), "total": 7},
                    "contentType": "application/json",
                    "encoded": False,
                },
            },
        }
        for number in range(_INTERACTIONS)
    ]
    path = folder / "pact.json"
    metadata = {"pactSpecification": {"version": "4.0"}}
    path.write_text(
        json.dumps(
            {
                "consumer": {"name": "shop"},
                "provider": {"name": "orders"},
                "interactions": interactions,
                "metadata": metadata,
            }
        )
    )
    return path


def _ours(pact: Path, url: str, folder: Path, *, states: bool) -> None:
    verifying = Verifying(scratch=folder, logs=folder, seconds=300.0, redact=lambda line: line)
    verified = verifying.http(
        "bench",
        (pact,),
        provider="orders",
        url=url,
        state_url=f"{url}/states" if states else "",
        state_kind=StateKind.CONTROL,
    )
    assert len(verified.results) == _INTERACTIONS, verified.detail


def _stock(pact: Path, url: str, *, states: bool) -> None:
    subprocess.run(
        [sys.executable, "-c", _STOCK, str(pact), url, "yes" if states else ""],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _seconds(work: Callable[[], None]) -> float:
    """Return the processor time of the verifier's process, which others on the machine do not lengthen."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rows() -> Iterator[Row]:
    """Verify by turns, start-up included; the best of the rounds counts, per second of processor time."""
    for states in (False, True):
        ours, stock = float("inf"), float("inf")
        for _ in range(_ROUNDS):
            with tempfile.TemporaryDirectory() as scratch, _provider() as url:
                folder = Path(scratch)
                pact = _pact(folder, states=states)
                stock = min(stock, _seconds(lambda: _stock(pact, url, states=states)))  # noqa: B023 - run at once
                ours = min(ours, _seconds(lambda: _ours(pact, url, folder, states=states)))  # noqa: B023 - run at once
        yield Row(
            name=f"pact verification / stock verifier, {'with' if states else 'without'} states",
            unit="per CPU s",
            ours=_INTERACTIONS / ours,
            yardstick=_INTERACTIONS / stock,
            goal=">= 2.5",
        )
