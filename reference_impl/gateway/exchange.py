"""What the gateway knows about one request while it is under way."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.types import Scope

from reference_impl.kit.problem import Problem
from reference_impl.kit.telemetry import TraceContext

SCOPE_EXCHANGE = "core.exchange"
HeaderList = list[tuple[bytes, bytes]]


@dataclass(slots=True, kw_only=True)
class Exchange:
    """Filled in as the request passes through; the outermost layer writes it out."""

    request_id: str
    trace: TraceContext
    path: str
    method: str
    headers: HeaderList = field(default_factory=list)
    vary: list[str] = field(default_factory=list)
    status: int = 0
    body_problem: Problem | None = None
    """Why the body could not be read, when a framework hides the reason behind its own error."""

    def add(self, name: str, value: str) -> None:
        """Add a header to whatever answer will be sent."""
        self.headers.append((name.lower().encode("latin-1"), value.encode("latin-1", "replace")))


def exchange_of(scope: Scope) -> Exchange:
    exchange = scope[SCOPE_EXCHANGE]
    assert isinstance(exchange, Exchange)
    return exchange


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of this (lower-case) name."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return None


def within(path: str, prefixes: Sequence[str]) -> bool:
    """Whether the path is one of the prefixes or lies below one, by whole segments."""
    return any(path == prefix or path.startswith(prefix + "/") for prefix in prefixes)
