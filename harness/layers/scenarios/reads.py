"""What a target lets a client read: declared reads, with concrete addresses that were seen to answer."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from harness.core.operation import Operation
from harness.layers.scenarios.listing import identifier_for, items_of
from harness.layers.scenarios.paths import concrete_path
from harness.layers.scenarios.samples import CannotSample, resolved, sample

_PARAMETER = re.compile(r"\{([^}]+)\}")
_MOST_TRIED = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Something that can be read: the operation it belongs to, if any, and an address that answered."""

    subject: str
    path: str
    operation: Operation | None = None
    is_json: bool = False


def declared_parameters(operation: Operation, document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the parameters of an operation and of its path, references followed."""
    item = resolved(document.get("paths", {}).get(operation.path, {}), document)
    raw = resolved(item.get(operation.method.lower(), {}), document)
    listed = [*item.get("parameters", ()), *raw.get("parameters", ())]
    return [found for each in listed if (found := resolved(each, document))]


def schema_of(parameter: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a parameter's schema; Swagger 2.0 writes it into the parameter itself."""
    return resolved(parameter.get("schema", parameter), document)


def required_query(operation: Operation, document: Mapping[str, Any]) -> str:
    """Return the query that an operation cannot do without; raises CannotSample where none can be made."""
    values = {}
    for each in declared_parameters(operation, document):
        if each.get("in") == "query" and each.get("required") and "name" in each:
            given = each.get("example", None)
            value = sample(schema_of(each, document), document) if given is None else given
            values[str(each["name"])] = value if isinstance(value, str) else json.dumps(value)
    return f"?{urlencode(values)}" if values else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Finds readable addresses: first what needs no id, then what lists give the ids of."""

    client: httpx.Client
    operations: Sequence[Operation]
    document: Mapping[str, Any]
    prefix: str = ""

    def find(self, most: int) -> tuple[Read, ...]:
        """Return up to `most` reads that answered 200, one per operation."""
        reads = [each for each in self.operations if each.method == "GET"]
        plain = [each for each in reads if "{" not in each.path]
        found: list[Read] = []
        lists: dict[str, Mapping[str, Any]] = {}
        for operation in plain[:_MOST_TRIED]:
            if len(found) >= most:
                return tuple(found)
            if (read := self._try(operation, concrete_path(operation, self.document), lists)) is not None:
                found.append(read)
        for operation in [each for each in reads if "{" in each.path][:_MOST_TRIED]:
            if len(found) >= most:
                break
            path = self._with_id(operation, lists) or concrete_path(operation, self.document)
            if (read := self._try(operation, path, lists)) is not None:
                found.append(read)
        return tuple(found)

    def _try(self, operation: Operation, path: str, lists: dict[str, Mapping[str, Any]]) -> Read | None:
        try:
            address = self.prefix + path + required_query(operation, self.document)
        except CannotSample:
            return None
        answer = ask(self.client, "GET", address)
        if answer is None or answer.status_code != 200:
            return None
        body = json_or_none(answer)
        items = items_of(body)
        if items:
            lists[operation.path.rstrip("/")] = items[0]
        return Read(subject=operation.subject, path=address, operation=operation, is_json=body is not None)

    def _with_id(self, operation: Operation, lists: Mapping[str, Mapping[str, Any]]) -> str:
        """Return the path with an id that the list above it gave."""
        before, _, rest = operation.path.partition("{")
        names = _PARAMETER.findall(operation.path)
        item = lists.get(before.rstrip("/"))
        if len(names) != 1 or item is None:
            return ""
        value = identifier_for(names[0], item)
        return before + quote(value, safe="") + rest.partition("}")[2] if value else ""


def ask(client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response | None:
    """Return the answer, or None when the connection gave none: an endless or broken answer shows nothing."""
    try:
        with client.stream(method, path, **options) as answer:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                return None  # a stream has no end to wait for
            answer.read()
            return answer
    except httpx.HTTPError:
        return None


def json_or_none(answer: httpx.Response) -> Any:
    """Return the JSON body, or None where there is none."""
    try:
        return answer.json()
    except ValueError:
        return None


def integers_in_query(
    operation: Operation, document: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the names and schemas of an operation's whole-number query parameters."""
    for each in declared_parameters(operation, document):
        if each.get("in") != "query" or "name" not in each:
            continue
        schema = schema_of(each, document)
        options = [schema, *(resolved(one, document) for one in schema.get("anyOf", ()) if one)]
        whole = next((one for one in options if one.get("type") in ("integer", ["integer", "null"])), None)
        if whole is not None:
            yield (
                str(each["name"]),
                {**whole, **({"default": schema["default"]} if "default" in schema else {})},
            )
