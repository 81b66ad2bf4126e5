"""Actions of experiments: each changes one thing and has a counterpart that undoes it.

In a control run the faults are no-ops (everything else happens), so that what is seen then is the target
without the fault.
"""

import os
import time
from collections.abc import Mapping
from typing import Any

import httpx

from harness.core.errors import HarnessFault
from harness.layers.chaos.door import door, own_mark

#: Set by the engine for the control run of an experiment.
CONTROL_RUN_VARIABLE = "HARNESS_CONTROL_RUN"


def is_control_run() -> bool:
    """Whether faults are to be left out."""
    return os.environ.get(CONTROL_RUN_VARIABLE) == "1"


def inject(link: str, toxic: str, attributes: Mapping[str, Any] | None = None) -> str:
    """Put a toxic on a link, e.g. `latency` with {"milliseconds": 300} on `redis`."""
    if is_control_run():
        return "control run: no fault"
    door().launch.add_toxic(link, toxic, dict(attributes or {}))
    door().launch.set_fault_active(active=True)
    return f"{toxic} on {link}"


def heal(link: str) -> str:
    """Take every toxic off a link."""
    door().launch.heal(link)
    door().launch.set_fault_active(active=False)
    return f"{link} healed"


def kill(process: str) -> str:
    """SIGKILL a process of the target and see that it is dead."""
    return _signal(process, "kill")


def pause(process: str) -> str:
    """SIGSTOP a process of the target."""
    return _signal(process, "pause")


def _signal(process: str, what: str) -> str:
    if is_control_run():
        return "control run: no fault"
    if not door().launch.process(process)["running"]:
        raise HarnessFault(f"{process} is dead already, so a {what} proves nothing")
    door().launch.set_fault_active(active=True)
    door().launch.signal(process, what)
    door().memory["fired"] = door().memory.get("fired", 0) + 1
    return f"{what} {process}"


def resume(process: str) -> str:
    """SIGCONT a paused process."""
    door().launch.signal(process, "resume")
    door().launch.set_fault_active(active=False)
    return f"{process} resumed"


def restart(process: str) -> str:
    """Start a dead process again on the same port and data; a living one is left alone."""
    if not door().launch.process(process)["running"]:
        door().launch.signal(process, "restart")
    door().launch.set_fault_active(active=False)
    return f"{process} runs"


def set_stub(stub: str, mode: str, path: str = "", **parameters: Any) -> str:
    """Make a stub answer otherwise, e.g. `flaky`."""
    door().stub(stub, "POST", "/__stub/mode", {"mode": mode, "path": path, **parameters})
    return f"{stub} is {mode}"


def advance_clock(seconds: float) -> str:
    """Move the target's clock forward through its control API."""
    answer = httpx.post(
        f"{door().context.direct_url}/_control/clock",
        json={"advance_seconds": seconds},
        timeout=10.0,
        trust_env=False,
    )
    answer.raise_for_status()
    return f"clock +{seconds:g} s"


def reset_breaker(breaker: str, *, identity: str = "operator") -> str:
    """Close a breaker by its API, so that the next experiment finds the target as this one did."""
    found = door().breaker(breaker, identity=identity)
    if not found:
        return f"{breaker} is not listed"
    path = f"/api/circuit-breakers/breakers/{found['id']}/reset"
    door().ask("POST", path, identity=identity).raise_for_status()
    return f"{breaker} reset"


def send_messages(count: int, *, identity: str = "alice", path: str = "/chaos", attempts: int = 1) -> str:
    """Send messages to the webhook stub, remembering which were acknowledged and which were tried.

    A connection that breaks is tried again `attempts` times with the same idempotency key.
    """
    accepted = door().memory.setdefault("accepted", [])
    tried = door().memory.setdefault("tried", [])
    for number in range(count):
        text = f"{own_mark()}{len(tried)}-{number}"
        tried.append(text)
        if _send(text, identity, path, attempts):
            accepted.append(text)
    return f"{len(accepted)} of {len(tried)} acknowledged"


def _send(text: str, identity: str, path: str, attempts: int) -> bool:
    body = {"channel": "webhook", "to": f"{_receiver()}{path}", "text": text, "max_attempts": 20}
    for _ in range(attempts):
        try:
            answer = door().ask(
                "POST", "/api/hub/messages", identity=identity, json=body, headers={"Idempotency-Key": text}
            )
        except httpx.HTTPError:
            time.sleep(0.05)  # the process is being restarted; the next attempt says whether it is back
            continue
        return answer.status_code == 202
    return False


def _receiver() -> str:
    """Return the webhook receiver as the target reaches it: through its fault proxy."""
    links: dict[str, Any] = door().launch.link("webhook")
    return str(links.get("url") or door().context.stubs["webhook"])


def send_and_kill(count: int, process: str, *, identity: str = "alice", path: str = "/chaos") -> str:
    """Send messages and SIGKILL a process in the middle of them, then start it again and send the rest."""
    send_messages(count // 2, identity=identity, path=path)
    kill(process)
    send_messages(1, identity=identity, path=path)
    restart(process)
    return send_messages(count - count // 2, identity=identity, path=path, attempts=20)
