"""Run as `python -m harness.layers.contracts.verify ORDER.json`: Pact's verifier, its result as a file.

A process of its own, because the verifier writes to file descriptor 1, does not hear Ctrl-C and may hang.
"""

import json
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.layers.contracts.states import StateBridge


def main(arguments: list[str]) -> int:
    """Verify what the order says; the exit code only tells a usage error from the rest."""
    if len(arguments) != 1:
        print("usage: python -m harness.layers.contracts.verify ORDER.json", file=sys.stderr)
        return 2
    order = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    os.environ["PACT_DO_NOT_TRACK"] = "true"
    with ExitStack() as stack:
        bridge = None
        if order["state_url"]:
            bridge = stack.enter_context(StateBridge(order["state_url"], order["state_kind"]))
        results = _verified(order, bridge)
        problems = bridge.problems if bridge else []
    _write(Path(order["result"]), {"results": results, "state_problems": problems})
    return 0


def _verified(order: Mapping[str, Any], bridge: StateBridge | None) -> Mapping[str, Any]:
    from pact import Verifier  # noqa: PLC0415 - after the telemetry switch is set

    verifier = Verifier(order["provider"], host="127.0.0.1" if order["messages"] else _host(order["url"]))
    verifier.set_coloured_output(enabled=False).set_error_on_empty_pact(enabled=True)
    if order["messages"]:
        verifier.message_handler({name: _as_message(body) for name, body in order["messages"].items()})
    else:
        verifier.add_transport(url=order["url"]).set_request_timeout(order["timeout_ms"])
    for path in order["pacts"]:
        verifier.add_source(path)
    if bridge is not None:
        verifier.state_handler(bridge.url, teardown=True, body=True)
    elif order["messages"]:
        verifier.state_handler(_ignore_state, teardown=False)
    try:
        verifier.verify()
    except RuntimeError as problem:
        print(f"verify: {problem}", file=sys.stderr)  # what failed is in the results
    results: Mapping[str, Any] = verifier.results
    return results


def _ignore_state(state: str, parameters: Mapping[str, Any] | None) -> None:
    """A recorded message is what it is; no state can change it."""


def _as_message(body: object) -> Any:
    return {
        "contents": json.dumps(body).encode(),
        "metadata": None,
        "content_type": "application/json",
    }


def _host(url: str) -> str:
    return urlsplit(url).hostname or "127.0.0.1"


def _write(path: Path, result: Mapping[str, Any]) -> None:
    fresh = path.with_suffix(".part")
    fresh.write_text(json.dumps(result), encoding="utf-8")
    fresh.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
