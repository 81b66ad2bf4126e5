"""W3C trace context, JSON logs without secrets, and the process's metrics."""

import json
import logging
import re
import secrets
import sys
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_TRACEPARENT = re.compile(r"^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$")
_SECRET_KEY = re.compile(
    r"(?i)(pass(word|phrase)?|secret|token|authorization|cookie|api[_-]?key|credential|otp)"
)
_SECRET_VALUE = re.compile(
    r"(?i)bearer\s+[a-z0-9._~+/=-]+"
    r"|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?"
    r"|\$argon2[^\s\"]+"
    r"|\b(rt|ak|sk|whsec)_[A-Za-z0-9_-]{16,}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
REDACTED = "[redacted]"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceContext:
    """Where in which trace we are."""

    trace_id: str
    span_id: str
    sampled: bool = True

    @classmethod
    def new(cls) -> "TraceContext":
        return cls(trace_id=secrets.token_hex(16), span_id=secrets.token_hex(8))

    @classmethod
    def parse(cls, traceparent: str) -> "TraceContext | None":
        """Read a traceparent header; None when it is not valid, as the specification asks."""
        match = _TRACEPARENT.match(traceparent.strip())
        if match is None:
            return None
        version, trace_id, span_id, flags, rest = match.groups()
        if version == "ff" or (version == "00" and rest) or not int(trace_id, 16) or not int(span_id, 16):
            return None
        return cls(trace_id=trace_id, span_id=span_id, sampled=bool(int(flags, 16) & 1))

    def child(self) -> "TraceContext":
        return TraceContext(trace_id=self.trace_id, span_id=secrets.token_hex(8), sampled=self.sampled)

    def header(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


_trace: ContextVar[TraceContext | None] = ContextVar("core_trace", default=None)
_request_id: ContextVar[str] = ContextVar("core_request_id", default="")


def current_trace() -> TraceContext | None:
    return _trace.get()


def set_trace(trace: TraceContext | None) -> None:
    """Continue this trace in the current task; workers call it with what the job row carries."""
    _trace.set(trace)


def current_request_id() -> str:
    return _request_id.get()


def set_request_id(request_id: str) -> None:
    _request_id.set(request_id)


def redact(value: object, *, key: str = "") -> object:
    """Return the value with everything that looks like a secret taken out."""
    if key and _SECRET_KEY.search(key) and not isinstance(value, bool | int | float):
        return REDACTED
    if isinstance(value, str):
        return _SECRET_VALUE.sub(REDACTED, value)
    if isinstance(value, Mapping):
        return {str(name): redact(member, key=str(name)) for name, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [redact(member) for member in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _SECRET_VALUE.sub(REDACTED, str(value))


_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {
    "message",
    "asctime",
    "taskName",
}


class JsonFormatter(logging.Formatter):
    """One JSON object per record: time, level, logger, event, ids, and the record's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        trace = current_trace()
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact(record.getMessage()),
            "trace_id": trace.trace_id if trace else None,
            "span_id": trace.span_id if trace else None,
            "request_id": current_request_id() or None,
        }
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in line:
                line[name] = redact(value, key=name)
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps({name: value for name, value in line.items() if value is not None}, default=str)


def configure_logging(level: str) -> None:
    """Send every log record of this process to standard error as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("httpx", "httpcore", "aiosqlite", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)


_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The metrics of this process; asking twice for one name gives the same instrument."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
        if name not in self._counters:
            self._counters[name] = Counter(name, help_text, labels, registry=self.registry)
        return self._counters[name]

    def gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
        if name not in self._gauges:
            self._gauges[name] = Gauge(name, help_text, labels, registry=self.registry)
        return self._gauges[name]

    def histogram(
        self, name: str, help_text: str, labels: Sequence[str] = (), buckets: Sequence[float] = _BUCKETS
    ) -> Histogram:
        if name not in self._histograms:
            self._histograms[name] = Histogram(
                name, help_text, labels, registry=self.registry, buckets=tuple(buckets)
            )
        return self._histograms[name]

    def render(self) -> bytes:
        return generate_latest(self.registry)
