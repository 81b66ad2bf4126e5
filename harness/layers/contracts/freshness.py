"""Holds a pact's interaction against the target's own OpenAPI document, without sending anything."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from harness.core.operation import Operation, Operations
from harness.layers.contracts.pacts import Interaction, Part

_DOCUMENT: Final = "urn:openapi"
_MOST = 5
_NAMES_MEMBERS = frozenset({"properties", "allOf", "anyOf", "oneOf"})
_REQUEST, _RESPONSE = "request", "response"


class UnreadableSchema(Exception):
    """A schema of the document that no validator can read; the contract is not to blame for it."""


class Document:
    """The running target's OpenAPI document."""

    def __init__(self, content: Mapping[str, Any], operations: Operations) -> None:
        self._content = content
        self._operations = operations
        self._strict = _registry(content)
        # A consumer names only the members it uses: what it leaves out of an answer is no difference.
        self._lenient = _registry(_without_required(content))

    def differences(self, interaction: Interaction) -> tuple[str, ...]:
        """Return in sentences where the interaction and the document part; none when it is fresh."""
        operation = self._operations.find(interaction.method, interaction.path)
        if operation is None:
            return (f"{interaction.method} {interaction.path} is not in the document",)
        return tuple(self._differences(interaction, operation))

    def _differences(self, interaction: Interaction, operation: Operation) -> Iterator[str]:
        pointer = ("paths", operation.path, operation.method.lower())
        if interaction.status < 400:  # a contract about a refusal may well send what the document forbids
            yield from self._request_differences(interaction, pointer)
        yield from self._response_differences(interaction, operation, pointer)

    def _request_differences(self, interaction: Interaction, pointer: tuple[str, ...]) -> Iterator[str]:
        declared = self._query_parameters(pointer)
        yield from (
            f"query parameter {name} is not in the document"
            for name in interaction.query
            if name not in declared
        )
        yield from (
            f"query parameter {name} is required by the document and not sent"
            for name, required in declared.items()
            if required and name not in interaction.query
        )
        if not interaction.request.has_body:
            return
        body = self._at((*pointer, "requestBody"))
        if body is None:
            yield "the document takes no request body"
            return
        yield from self._body_differences(interaction.request, body, _REQUEST)

    def _response_differences(
        self, interaction: Interaction, operation: Operation, pointer: tuple[str, ...]
    ) -> Iterator[str]:
        status = interaction.status
        keys = (str(status), f"{status // 100}XX", "default")
        key = next((name for name in keys if name in operation.responses), None)
        if key is None:
            yield f"status {status} is not documented (documented: {', '.join(sorted(operation.responses))})"
        elif interaction.response.has_body:
            yield from self._body_differences(
                interaction.response, self._at((*pointer, "responses", key)), _RESPONSE
            )

    def _body_differences(self, part: Part, place: "_Place | None", name: str) -> Iterator[str]:
        content = place.content.get("content", {}) if place else {}
        media_type = _documented(part.media_type, content)
        if place is None or media_type is None:
            yield f"{name} media type {part.media_type or '(none)'} is not documented ({', '.join(content)})"
            return
        if "schema" not in content[media_type]:
            return
        pointer = _pointer((*place.path, "content", media_type, "schema"))
        schema: dict[str, Any] = {"$ref": f"{_DOCUMENT}#{pointer}"}
        declared = self._at((*place.path, "content", media_type, "schema"))
        if isinstance(part.body, dict) and declared and _NAMES_MEMBERS & set(declared.content):
            # A member that a schema with named members does not know is a difference.
            schema["unevaluatedProperties"] = False
        registry = self._lenient if name == _RESPONSE else self._strict
        validator = Draft202012Validator(schema, registry=registry)
        yield from (f"{name} body{text}" for text in _violations(validator, part.body))

    def _query_parameters(self, pointer: tuple[str, ...]) -> Mapping[str, bool]:
        declared: dict[str, bool] = {}
        for base in (pointer[:2], pointer):
            owner = self._at(base)
            count = len(owner.content.get("parameters", ())) if owner else 0
            for index in range(count):
                place = self._at((*base, "parameters", str(index)))
                if place is not None and place.content.get("in") == "query":
                    declared[place.content["name"]] = bool(place.content.get("required"))
        return declared

    def _at(self, path: tuple[str, ...]) -> "_Place | None":
        """Return the object at a path, local references followed."""
        current: Any = self._content
        for step in path:
            if isinstance(current, list) and step.isdigit() and int(step) < len(current):
                current = current[int(step)]
            elif isinstance(current, Mapping) and step in current:
                current = current[step]
            else:
                return None
        if isinstance(current, Mapping) and str(current.get("$ref", "")).startswith("#/"):
            steps = current["$ref"][2:].split("/")
            return self._at(tuple(step.replace("~1", "/").replace("~0", "~") for step in steps))
        return _Place(current, path) if isinstance(current, Mapping) else None


class _Place:
    """An object of the document and where it stands."""

    def __init__(self, content: Mapping[str, Any], path: tuple[str, ...]) -> None:
        self.content = content
        self.path = path


def _registry(content: Mapping[str, Any]) -> "Registry[Any]":
    resource: Resource[Any] = Resource.from_contents(dict(content), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(_DOCUMENT, resource)
    return registry


def _without_required(node: Any) -> Any:
    """Return a copy in which no schema requires a member; only schemas have a list of that name."""
    if isinstance(node, Mapping):
        return {
            name: _without_required(value)
            for name, value in node.items()
            if not (name == "required" and isinstance(value, list))
        }
    return [_without_required(item) for item in node] if isinstance(node, list) else node


def _documented(media_type: str, content: Mapping[str, Any]) -> str | None:
    main = media_type.split("/", 1)[0]
    for name in content:
        if name.split(";", 1)[0].strip().lower() in {media_type, f"{main}/*", "*/*"}:
            return name
    return None


def _violations(validator: Draft202012Validator, body: object) -> Iterator[str]:
    try:
        errors = sorted(validator.iter_errors(body), key=lambda error: error.json_path)
    except (Unresolvable, SchemaError, TypeError, AttributeError) as problem:
        raise UnreadableSchema(f"{type(problem).__name__}: {problem}") from problem
    for error in errors[:_MOST]:
        yield _sentence(error)


def _sentence(error: ValidationError) -> str:
    message = error.message if len(error.message) <= 200 else f"{error.message[:200]}..."
    return f" at {error.json_path}: {message}"


def _pointer(path: tuple[str, ...]) -> str:
    """Return a JSON Pointer as a URI fragment."""
    return "".join(f"/{quote(step.replace('~', '~0').replace('/', '~1'), safe='~')}" for step in path)
