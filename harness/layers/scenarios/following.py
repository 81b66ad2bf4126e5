"""Follows two growing files: the findings of a pytest process, and the exchanges that belong to them."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.core.finding import Finding, finding_from_json

_MOST_EXCHANGES = 20


class GrowingLines:
    """Reads the complete JSON lines that came since the last look; a torn last line waits."""

    def __init__(self, path: Path | None, *, from_end: bool = False) -> None:
        self._path = path
        self._offset = path.stat().st_size if from_end and path is not None and path.exists() else 0

    def read(self) -> Iterator[Mapping[str, Any]]:
        """Yield what is new."""
        if self._path is None or not self._path.exists():
            return
        with self._path.open("rb") as stream:
            stream.seek(self._offset)
            for line in stream:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield json.loads(line)


class StepIndex:
    """Knows which exchanges were recorded under which step."""

    def __init__(self, exchanges: Path | None) -> None:
        self._lines = GrowingLines(exchanges, from_end=True)
        self._by_step: defaultdict[str, list[str]] = defaultdict(list)

    def refresh(self) -> None:
        """Take in what was recorded since."""
        for record in self._lines.read():
            if step := record.get("step"):
                self._by_step[step].append(record["id"])

    def link(self, record: Mapping[str, Any]) -> Finding:
        """Return the finding of a line with its latest exchanges, or with those of its scenario."""
        step = record["step"]
        return replace(
            finding_from_json(record),
            exchanges=self._latest(step) or self._latest(step.partition("#")[0]),
        )

    def _latest(self, step: str) -> tuple[str, ...]:
        ids: Sequence[str] = self._by_step.get(step, ())
        return tuple(ids[-_MOST_EXCHANGES:])
