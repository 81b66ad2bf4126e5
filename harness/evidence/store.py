"""The run folder: everything a run saw, written as it happens and readable after any crash."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import get_ident
from typing import Any, Self, TypeVar

from harness.core.errors import HarnessFault, UsageProblem
from harness.core.exchange import Exchange, exchange_from_json, exchange_to_json
from harness.core.finding import Finding, finding_from_json, finding_to_json
from harness.core.layer import Layer
from harness.evidence.lines import LineWriter, read_lines

Record = TypeVar("Record")

_ATTACHMENT = re.compile(r"[0-9a-f]{64}")


class RunFolder:
    """reports/<run-id>/; one writer for each file, readers skip what a crash tore."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run_json = path / "run.json"
        self.rubric_json = path / "rubric.json"
        self.history_json = path / "history.json"
        self.events = path / "events.ndjson"
        self.exchanges = path / "exchanges.ndjson"
        self.engine_findings = path / "engine-findings.ndjson"
        self.resources = path / "resources.ndjson"
        self.attachments = path / "attachments"
        self.logs = path / "logs"
        self._target = ""

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make the folder; raises UsageProblem when a run was already written there."""
        folder = cls(path)
        if folder.run_json.exists():
            raise UsageProblem(f"{path} already holds a run", remedy="name another folder or remove this one")
        folder.attachments.mkdir(parents=True, exist_ok=True)
        folder.logs.mkdir(exist_ok=True)
        return folder

    def write_run(self, record: Mapping[str, Any]) -> None:
        """Replace run.json in one step: a reader sees the old or the new one."""
        _replace(self.run_json, record)

    def write_rubric(self, record: Mapping[str, Any]) -> None:
        """Keep the rubric the run is scored with."""
        _replace(self.rubric_json, record)

    def write_history(self, record: Mapping[str, Any]) -> None:
        """Keep what earlier runs of the target left, as this run found it."""
        _replace(self.history_json, record)

    def read_history(self) -> Mapping[str, Any]:
        """Return what was kept of earlier runs; nothing when it is the first or keeps none."""
        try:
            record = json.loads(self.history_json.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as problem:
            raise HarnessFault(f"{self.history_json} is no JSON: {problem}") from problem
        return record if isinstance(record, dict) else {}

    def append_event(self, record: Mapping[str, Any]) -> None:
        """Note what the run did."""
        self._events.append(record)

    def append_finding(self, finding: Finding) -> None:
        """Keep what an engine said, as it said it."""
        self._findings.append(finding_to_json(finding, target=self._target_name()))

    def append_exchange(self, exchange: Exchange) -> None:
        """Keep an exchange that no recorder saw; its secrets must be placeholders already."""
        self._exchanges.append(exchange_to_json(exchange))

    def attach(self, content: bytes, media_type: str) -> str:
        """Store redacted bytes under their SHA-256 and return that name."""
        name = hashlib.sha256(content).hexdigest()
        file = self.attachments / name
        if not file.exists():
            self.attachments.mkdir(parents=True, exist_ok=True)
            _write_whole(file, content)
            self.append_event(
                {"event": "Attached", "name": name, "media_type": media_type, "size": len(content)}
            )
        return name

    def read_attachment(self, name: str) -> bytes:
        """Return the bytes of an attachment; raises HarnessFault when it is not there or was changed."""
        if not _ATTACHMENT.fullmatch(name):
            raise HarnessFault(f"{name!r} is not the name of an attachment")
        try:
            content = (self.attachments / name).read_bytes()
        except OSError as problem:
            raise HarnessFault(f"attachment {name} cannot be read: {problem.strerror}") from problem
        if hashlib.sha256(content).hexdigest() != name:
            raise HarnessFault(f"attachment {name} was changed after it was written")
        return content

    def read_exchanges(self) -> Iterator[Exchange]:
        """Yield the recorded exchanges in the order in which they were written."""
        yield from (_parsed(exchange_from_json, self.exchanges, line) for line in read_lines(self.exchanges))

    def read_findings(self) -> Iterator[Finding]:
        """Yield what the engines said, in the order in which they said it."""
        yield from (
            _parsed(finding_from_json, self.engine_findings, line)
            for line in read_lines(self.engine_findings)
        )

    def count_exchanges(self, layer: Layer) -> int:
        """Return how many exchanges of a layer were recorded."""
        return sum(record.get("layer") == layer.value for record in read_lines(self.exchanges))

    def close(self) -> None:
        """Close what is written line by line; whoever appends afterwards opens it again."""
        for name in ("_events", "_findings", "_exchanges"):
            writer: LineWriter | None = self.__dict__.pop(name, None)
            if writer is not None:
                writer.close()

    @cached_property
    def _events(self) -> LineWriter:
        return LineWriter(self.events)

    @cached_property
    def _findings(self) -> LineWriter:
        return LineWriter(self.engine_findings)

    @cached_property
    def _exchanges(self) -> LineWriter:
        return LineWriter(self.exchanges)

    def _target_name(self) -> str:
        """Return the name as run.json states it, read once; the fingerprints of findings hang on it."""
        if not self._target:
            with suppress(OSError, ValueError, KeyError):
                self._target = str(json.loads(self.run_json.read_bytes())["target"])
        return self._target


def _parsed(parse: Callable[[Mapping[str, Any]], Record], path: Path, line: Mapping[str, Any]) -> Record:
    try:
        return parse(line)
    except (KeyError, ValueError, TypeError) as problem:
        raise HarnessFault(
            f"{path}: a record of another shape ({type(problem).__name__}: {problem})",
            remedy="the folder was written by another version, or changed by hand",
        ) from problem


def _replace(file: Path, record: Mapping[str, Any]) -> None:
    text = json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    _write_whole(file, text.encode())


def _write_whole(file: Path, content: bytes) -> None:
    """Write beside the file, then rename: the file is never seen half written."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}.{get_ident()}")
    with fresh.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
