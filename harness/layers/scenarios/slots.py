"""Puts a value of one's own into one place of an operation, and what fits into all others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from harness.core.operation import Operation
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.samples import resolved, sample, valid_body
from harness.target.surface import Place, Slot, parameters_of

#: What nobody has: for calls that must never meet an object of somebody's.
_ABSENT: Mapping[str, str] = {"integer": "987654321", "number": "987654321"}
_ABSENT_TEXT = "00000000-0000-4000-8000-0000deadbeef"


def address(
    operation: Operation,
    document: Mapping[str, Any],
    *,
    prefix: str = "",
    values: Mapping[str, str] | None = None,
    is_absent: bool = False,
) -> str:
    """Return path and query with every parameter that is needed; `values` come before samples."""
    given = values or {}
    path, query = operation.path, {}
    for parameter in parameters_of(operation, document):
        name, place = str(parameter["name"]), parameter.get("in")
        if place == Place.PATH:
            value = given.get(name) or (_absent(parameter) if is_absent else _sampled(parameter, document))
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        elif place == Place.QUERY and (name in given or parameter.get("required") is True):
            query[name] = given.get(name, _sampled(parameter, document))
    return prefix + path + (f"?{urlencode(query)}" if query else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Asks with a value in a slot."""

    client: httpx.Client
    document: Mapping[str, Any]
    pace: Pace
    prefix: str = ""

    def ask(self, slot: Slot, value: str) -> httpx.Response:
        """Send one request; raises CannotSample where the document allows no body to put the value into."""
        operation = slot.operation
        if slot.place is Place.BODY:
            body = {**valid_body(operation, self.document), slot.name: value}
            path = address(operation, self.document, prefix=self.prefix)
            return self.pace.ask(self.client, operation.method, path, json=body)
        path = address(operation, self.document, prefix=self.prefix, values={slot.name: value})
        return self.pace.ask(self.client, operation.method, path)

    def usual(self, slot: Slot) -> str:
        """Return the value that the document itself would put there."""
        for parameter in parameters_of(slot.operation, self.document):
            if parameter["name"] == slot.name and parameter.get("in") == slot.place:
                return _sampled(parameter, self.document)
        return str(valid_body(slot.operation, self.document, with_optional=True).get(slot.name, "sample"))


def _sampled(parameter: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    examples = parameter.get("examples")
    if "example" in parameter:
        value = parameter["example"]
    elif isinstance(examples, Mapping) and examples:
        value = resolved(next(iter(examples.values())), document).get("value")
    else:
        schema = parameter.get("schema", parameter)
        value = sample(schema, document) if schema is not parameter else _plain(parameter)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    return str(value)


def _plain(parameter: Mapping[str, Any]) -> object:
    """Swagger 2.0 keeps the words of a schema in the parameter itself, beside words of its own."""
    words = ("type", "format", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern", "default")
    return sample({word: parameter[word] for word in words if word in parameter}, {})


def _absent(parameter: Mapping[str, Any]) -> str:
    schema = parameter.get("schema", parameter)
    return _ABSENT.get(str(schema.get("type", "")), _ABSENT_TEXT)
