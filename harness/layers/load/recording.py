"""A second Locust file: counts every answer by name and keeps a sample, one in a hundred and every error.

The harness loads it beside a load profile; the profile itself knows nothing of it. What is kept is redacted
here, before anything is written.
"""

import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

from locust import events

from harness.core.exchange import Exchange, Request, Response, exchange_to_json
from harness.core.layer import Layer
from harness.core.redaction import Redactor
from harness.layers.load.histogram import Series

_EVERY = 100  # of each name; the first one is always kept
_MOST_ERRORS = 200
_LONGEST_BODY = 64 * 1024
_NO_ANSWER = 0


@runtime_checkable
class SupportsItems(Protocol):
    """Headers in any of Locust's shapes."""

    def items(self) -> Iterable[tuple[object, object]]:
        """Return names and values."""
        ...


class Recording:
    """Counts after the warm-up and writes what it counted when Locust ends."""

    def __init__(self, *, counts: Path, samples: Path, warm_up: float, known: tuple[str, ...]) -> None:
        self._counts = counts
        self._samples = samples.open("w", encoding="utf-8", buffering=1)
        self._warm_up = warm_up
        self._redactor = Redactor(known, secrets.token_bytes(16))
        self._series: dict[str, Series] = {}
        self._started = time.monotonic()
        self._seen: Counter[str] = Counter()
        self._written = 0
        self._errors = 0

    def start(self, **_: object) -> None:
        """Begin to count; Locust says when the first user starts."""
        self._started = time.monotonic()

    def request(
        self,
        *,
        request_type: str,
        name: str,
        response_time: float,
        response: Any,
        exception: BaseException | None,
        url: str | None = None,
        start_time: float = 0.0,
        **_: object,
    ) -> None:
        """Count one answer and keep it when its turn has come or when it is an error."""
        status = int(getattr(response, "status_code", None) or _NO_ANSWER)
        is_error = exception is not None or status == _NO_ANSWER or status >= 400
        if time.monotonic() - self._started >= self._warm_up:
            self._series.setdefault(name, Series()).add(response_time, is_error=is_error)
        self._seen[name] += 1
        self._errors += is_error
        if self._seen[name] % _EVERY == 1 or (is_error and self._errors <= _MOST_ERRORS):
            self._keep(request_type, name, url or "", response, status, response_time, start_time, exception)

    def _keep(  # noqa: PLR0917 - one private step of `request`
        self,
        method: str,
        name: str,
        url: str,
        response: Any,
        status: int,
        response_time: float,
        start_time: float,
        exception: BaseException | None,
    ) -> None:
        self._written += 1
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = getattr(response, "request", None)
        request_body = getattr(sent, "payload", None) or getattr(sent, "body", None)
        answered = _message(
            self._redactor, getattr(response, "headers", None), getattr(response, "content", None)
        )
        exchange = Exchange(
            id=f"load-s{self._written}",
            layer=Layer.LOAD,
            step=name,
            started=datetime.fromtimestamp(start_time, UTC).isoformat() if start_time else "",
            request=Request(
                method=method,
                target=self._redactor.text(target),
                **_message(self._redactor, getattr(sent, "headers", None), request_body),
            ),
            response=Response(status=status, elapsed=response_time / 1000, **answered) if status else None,
            gap="" if status else "no-answer",
            notes={"error": self._redactor.text(str(exception))[:500]} if exception else {},
        )
        self._samples.write(json.dumps(exchange_to_json(exchange)) + "\n")

    def finish(self, **_: object) -> None:
        """Write the counts; their being there says that Locust came to its end."""
        record = {
            "seconds": time.monotonic() - self._started,
            "warm_up": self._warm_up,
            "series": {
                name: {"buckets": series.buckets, "requests": series.requests, "errors": series.errors}
                for name, series in self._series.items()
            },
        }
        fresh = self._counts.with_suffix(".part")
        fresh.write_text(json.dumps(record), encoding="utf-8")
        fresh.replace(self._counts)
        self._samples.close()


def _message(redactor: Redactor, headers: object, body: object) -> dict[str, Any]:
    listed = headers.items() if isinstance(headers, SupportsItems) else ()
    pairs = [(str(name), str(value)) for name, value in listed]
    content = body if isinstance(body, bytes) else str(body or "").encode()
    return {
        "headers": redactor.headers(pairs),
        "body": redactor.text(content[:_LONGEST_BODY].decode("utf-8", "replace")) if content else None,
        "body_size": len(content),
        "is_truncated": len(content) > _LONGEST_BODY,
    }


def attach(environ: Mapping[str, str]) -> None:
    """Listen to Locust's events when the harness said where to write; by hand this file does nothing."""
    folder = environ.get("HARNESS_LOAD_FOLDER")
    if not folder:
        return
    recording = Recording(
        counts=Path(folder) / "counts.json",
        samples=Path(folder) / "samples.ndjson",
        warm_up=float(environ.get("HARNESS_LOAD_WARM_UP", "2")),
        known=tuple(json.loads(environ.get("HARNESS_LOAD_SECRETS", "[]"))),
    )
    events.test_start.add_listener(recording.start)  # type: ignore[no-untyped-call] # Locust has no annotations here
    events.request.add_listener(recording.request)  # type: ignore[no-untyped-call] # Locust has no annotations here
    events.quit.add_listener(recording.finish)  # type: ignore[no-untyped-call] # Locust has no annotations here


attach(os.environ)
