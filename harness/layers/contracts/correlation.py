"""Finds the recorded exchanges of a verification: the verifier sends in order and marks nothing."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from harness.core.layer import Layer
from harness.layers.contracts.verification import InteractionResult, Verdict

_PATIENCE = 1.0
_PAUSE = 0.05


class ExchangeLog:
    """The exchanges file from a moment on."""

    def __init__(
        self,
        path: Path | None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = path
        self._start = path.stat().st_size if path is not None and path.is_file() else 0
        self._now = now
        self._sleep = sleep

    def since_start(self, results: Iterable[InteractionResult]) -> Mapping[str, str]:
        """Return the exchange id of each interaction, or nothing when the numbers do not add up."""
        answered = [item.subject for item in results if item.verdict is not Verdict.UNANSWERED]
        if self._path is None or not answered:
            return {}
        deadline = self._now() + _PATIENCE
        ids = self._ids()
        while len(ids) < len(answered) and self._now() < deadline:
            self._sleep(_PAUSE)  # the recorder writes an exchange after the client has its answer
            ids = self._ids()
        return dict(zip(answered, ids, strict=True)) if len(ids) == len(answered) else {}

    def _ids(self) -> list[str]:
        if self._path is None or not self._path.is_file():
            return []
        with self._path.open("rb") as stream:
            stream.seek(self._start)
            lines = stream.read().decode("utf-8", "replace").splitlines()
        found: list[str] = []
        for line in lines:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if record.get("layer") == Layer.CONTRACTS.value and "response" in record:
                found.append(record["id"])
        return found
