"""The recorder in front of a target, as the launcher handles it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from harness.core.allowance import Allowance
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.core.target import Target, Tls
from harness.target.companion import Companion, start_companion
from harness.target.instance import Session
from harness.target.place import Folder

_MODULE = "harness.evidence.recorder"
_ENVIRONMENT = "HARNESS_RECORDING"


class Recording:
    """A running recorder; `url` is where clients go."""

    def __init__(self, companion: Companion, url: str) -> None:
        self._companion = companion
        self.url = url

    def know(self, sessions: Mapping[str, Session], secrets: Sequence[str] = ()) -> None:
        """Have identities recognised by their headers, and secrets redacted."""
        known = {name: dict(session.headers) for name, session in sessions.items()}
        self._companion.ask("know", secrets=list(secrets), sessions=known)

    def renew(self, identity: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Have a fresh credential sent wherever the one that died is still sent."""
        self._companion.ask("renew", identity=identity, old=dict(old), new=dict(new))

    def set_fault(self, *, active: bool) -> None:
        """Mark exchanges as made under a fault, or no longer."""
        self._companion.ask("fault", active=active)

    def counters(self) -> Mapping[str, Any]:
        """Return how many exchanges were written, and how many of them are gaps."""
        return self._companion.ask("counters")

    def stop(self) -> None:
        """Let it write what is still open, then end it."""
        self._companion.stop()


def start_recording(
    layer: Layer,
    upstream: str,
    folder: Folder,
    redactor: Redactor,
    *,
    mcp: Sequence[str],
    guard: Mapping[str, object] | None = None,
    tls: Tls | None = None,
) -> Recording:
    """Start a recorder in front of a URL, on a free port of its own; clients speak plain HTTP with it.

    With a `guard` it lets out only what may be sent, see `guard_of`.
    """
    parts = urlsplit(upstream)
    is_tls = parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    arguments = ["--upstream", f"{parts.hostname}:{port}", "--layer", layer.value]
    if not _is_loopback(parts.hostname or ""):
        arguments += ["--host", parts.netloc.rpartition("@")[2]]
    if is_tls:
        arguments += ["--tls", *_trusting(tls or Tls())]
    arguments += ["--out", str(folder.exchanges), *(part for path in mcp for part in ("--mcp", path))]
    companion = start_companion(
        _MODULE,
        arguments,
        name=f"{layer.value}-recorder",
        logs=folder.logs,
        redactor=redactor,
        env={_ENVIRONMENT: json.dumps({**redactor.handover(), **({"guard": guard} if guard else {})})},
    )
    own_port = companion.ask("counters")["port"]
    return Recording(companion, f"http://127.0.0.1:{own_port}{parts.path}")


def guard_of(target: Target, allowance: Allowance, *, prefix: str) -> Mapping[str, object]:
    """Return what a recorder needs to know to let out nothing that the owner did not consent to."""
    base = urlsplit(target.base_url).path.rstrip("/")
    return {
        "may_write": target.consent.writes,
        "destructive": list(target.consent.destructive),
        "never": list(target.never),
        "graphql": [f"{base}{target.graphql}"] if target.graphql else [],
        "mcp": [f"{base}{path}".rstrip("/") for path in target.mcp],
        "prefix": prefix,
        "allowance": str(allowance.path),
        "requests": allowance.requests,
        "per_second": allowance.per_second,
    }


def _trusting(tls: Tls) -> Sequence[str]:
    if not tls.is_verified:
        return ("--tls-any",)
    return ("--tls-ca", tls.ca) if tls.ca else ()


def _is_loopback(host: str) -> bool:
    """Whether a target is here: it is launched with the recorder as its public URL, so `Host` is right."""
    return host in {"127.0.0.1", "localhost", "::1"}
