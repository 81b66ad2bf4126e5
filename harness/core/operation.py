"""Declared operations: the subjects that a target's own OpenAPI document names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method on one path template; `responses` maps a status ("200", "4XX", "default") to media types.

    `takes_input` says that a caller can get something wrong: a body or at least one parameter is declared.
    `line` and `column` say where the document declares it, counted from 1; 0 is not known.
    """

    method: str
    path: str
    operation_id: str = ""
    responses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    request_media_types: tuple[str, ...] = ()
    is_secured: bool = False
    scopes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    takes_input: bool = False
    line: int = 0
    column: int = 0

    @property
    def subject(self) -> str:
        """The canonical name, e.g. `GET /items/{id}`."""
        return f"{self.method} {self.path}"

    @property
    def is_creating(self) -> bool:
        """Whether it is a POST that documents 201 or 202."""
        return self.method == "POST" and bool({"201", "202"} & set(self.responses))

    def documents(self, status: int) -> bool:
        """Whether the status is documented exactly, as a range or by `default`."""
        return bool({str(status), f"{status // 100}XX", "default"} & set(self.responses))


class Operations:
    """The declared operations of a target, found again from a concrete request.

    `prefix` stands between the base URL and every declared path, `mount` is the path of the base URL.
    """

    def __init__(self, operations: Iterable[Operation], *, prefix: str = "", mount: str = "") -> None:
        self.all = tuple(sorted(operations, key=lambda item: (item.path, item.method)))
        self.prefix = prefix.rstrip("/")
        self.mount = mount.rstrip("/")

    def under(self, base_path: str) -> "Operations":
        """Return these as seen from a base URL with a path; a prefix that the path repeats is not doubled."""
        mount = base_path.rstrip("/")
        is_repeated = self.prefix and mount.endswith(self.prefix)
        return Operations(self.all, prefix="" if is_repeated else self.prefix, mount=mount)

    @property
    def full_prefix(self) -> str:
        """What stands before a declared path in a request."""
        return self.mount + self.prefix

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self.all)

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], Operation], ...]:
        ranked = sorted(self.all, key=lambda item: (item.path.count("{"), item.path))
        return tuple((re.compile(_path_pattern(item.path)), item) for item in ranked)

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation a request hit; a literal path wins over a template, whatever its methods."""
        best = self._resource(path)
        return next((item for item in self.all if item.path == best and item.method == method.upper()), None)

    def methods_at(self, path: str) -> frozenset[str]:
        """Return the methods of the one resource that a path names; a literal path wins over a template."""
        best = self._resource(path)
        return frozenset(item.method for item in self.all if item.path == best)

    def methods_matching(self, path: str) -> frozenset[str]:
        """Return the methods of every resource that a path may name: servers tell of all of them in Allow."""
        local = self._local(path)
        return frozenset(item.method for pattern, item in self._patterns if pattern.fullmatch(local))

    def _resource(self, path: str) -> str | None:
        local = self._local(path)
        return next((item.path for pattern, item in self._patterns if pattern.fullmatch(local)), None)

    def _local(self, path: str) -> str:
        """Return a path as the document writes it; empty for one that does not lie below the base path."""
        prefix = self.full_prefix
        is_below = path == prefix or path.startswith(f"{prefix}/")
        return path.removeprefix(prefix) if is_below else ""


def _path_pattern(template: str) -> str:
    parts = re.split(r"(\{[^}]+\})", template)
    return "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts)


def operation_to_json(operation: Operation) -> dict[str, Any]:
    """Return the JSON form that run.json carries."""
    return {
        "method": operation.method,
        "path": operation.path,
        "operation_id": operation.operation_id,
        "responses": {status: list(types) for status, types in sorted(operation.responses.items())},
        "request_media_types": list(operation.request_media_types),
        "is_secured": operation.is_secured,
        "scopes": list(operation.scopes),
        "tags": list(operation.tags),
        "takes_input": operation.takes_input,
        "line": operation.line,
        "column": operation.column,
    }


def operation_from_json(record: Mapping[str, Any]) -> Operation:
    """Read the JSON form back."""
    return Operation(
        method=record["method"],
        path=record["path"],
        operation_id=record.get("operation_id", ""),
        responses={status: tuple(types) for status, types in record.get("responses", {}).items()},
        request_media_types=tuple(record.get("request_media_types", ())),
        is_secured=record.get("is_secured", False),
        scopes=tuple(record.get("scopes", ())),
        tags=tuple(record.get("tags", ())),
        takes_input=record.get("takes_input", False),
        line=record.get("line", 0),
        column=record.get("column", 0),
    )
