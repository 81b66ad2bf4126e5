"""Append-only files of one JSON record a line; a crash can tear the last line and never an earlier one."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson


class LineWriter:
    """Appends records; each is one system call, so that records of several processes never mix."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        self._end_torn_line()

    def append(self, record: Mapping[str, Any]) -> None:
        """Write one record at the end of the file."""
        rest = memoryview(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def close(self) -> None:
        """Close the file; appending afterwards is an error."""
        os.close(self._file)

    def _end_torn_line(self) -> None:
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")


def read_lines(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a file, nothing when it does not exist; what a crash tore is left out."""
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        return
    with stream:
        for line in stream:
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            if isinstance(record, dict):
                yield record
