"""Reads the schemas of an OpenAPI document: references, what `allOf` lays together, and request bodies."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from harness.core.operation import Operation

Node = Mapping[str, Any]

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

_DEEPEST = 12
_DEEPEST_REFERENCE = 20


class EndlessSchema(ValueError):
    """A schema that refers to itself without an end."""


class Media(NamedTuple):
    """One media type of a request body, and what the document says of it."""

    name: str
    declared: Node


def resolved(node: object, document: Node) -> Node:
    """Follow local references; what leads nowhere, or in a circle, is an empty object."""
    for _ in range(_DEEPEST_REFERENCE):
        if not isinstance(node, Mapping):
            return {}
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return node
        node = _pointed(reference, document)
    return {}


def merged(schema: object, document: Node) -> Node:
    """Return a schema with its references, `allOf` and the first usable alternative laid into one."""
    return _merge(schema, document, depth=0)


def _merge(schema: object, document: Node, depth: int) -> Node:
    here = resolved(schema, document)
    if depth > _DEEPEST:
        raise EndlessSchema
    parts = [*listed(here, "allOf"), *_chosen(here, document)]
    if not parts:
        return here
    whole: dict[str, Any] = {name: each for name, each in here.items() if name not in _JOINED}
    for part in parts:
        whole = _joined(whole, _merge(part, document, depth + 1))
    return whole


_JOINED = frozenset({"allOf", "oneOf", "anyOf"})


def _joined(one: Node, other: Node) -> dict[str, Any]:
    both = {**other, **one}
    if "properties" in one or "properties" in other:
        both["properties"] = {**child(other, "properties", {}), **child(one, "properties", {})}
    required = dict.fromkeys([*listed(one, "required"), *listed(other, "required")])
    if required:
        both["required"] = list(required)
    return both


def _chosen(schema: Node, document: Node) -> Iterator[object]:
    """Yield the first alternative of each choice that is not null, with the discriminator it needs."""
    for word in ("oneOf", "anyOf"):
        options = [each for each in listed(schema, word) if resolved(each, document).get("type") != "null"]
        if options:
            yield from _discriminator(schema, options[0])
            yield options[0]


def _discriminator(schema: Node, option: object) -> Iterator[Node]:
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, Mapping) or not isinstance(option, Mapping) or "$ref" not in option:
        return
    reference = str(option["$ref"])
    named = (name for name, each in child(discriminator, "mapping", {}).items() if each == reference)
    value = next(named, reference.rpartition("/")[2])
    name = str(discriminator.get("propertyName", ""))
    yield {"properties": {name: {"const": value}}, "required": [name]}


def type_of(schema: Node) -> str:
    """Return the one type that a sample should have; null only where nothing else is allowed."""
    stated = schema.get("type", "")
    if isinstance(stated, list):
        stated = next((each for each in stated if each != "null"), "null")
    if stated:
        return str(stated)
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def request_schema(operation: Operation, document: Node) -> Node:
    """Return the merged schema of the JSON (or form) body an operation takes; empty where it takes none."""
    for media in request_media(operation, document):
        if media.name in {"application/json", *FORMS} or media.name.endswith("+json"):
            return merged(media.declared.get("schema", {}), document)
    return {}


def request_media(operation: Operation, document: Node) -> Iterator[Media]:
    """Yield the media types of an operation's body, those of Swagger 2.0 included."""
    declared = operation_object(operation, document)
    content = child(child(declared, "requestBody", document), "content", document)
    for name, media in content.items():
        if isinstance(media, Mapping):
            yield Media(str(name).partition(";")[0].strip().lower(), media)
    for parameter in (resolved(each, document) for each in listed(declared, "parameters")):
        if parameter.get("in") == "body":  # Swagger 2.0
            yield Media("application/json", parameter)


def _pointed(reference: str, document: Node) -> object:
    if not reference.startswith("#/"):
        return {}
    here: object = document
    for step in reference[2:].split("/"):
        if not isinstance(here, Mapping):
            return {}
        here = here.get(step.replace("~1", "/").replace("~0", "~"), {})
    return here


def child(node: Node, name: str, document: Node) -> Node:
    """Return a member that should be an object, its reference followed; anything else is an empty one."""
    return resolved(node.get(name), document)


def path_item(operation: Operation, document: Node) -> Node:
    """Return what the document says of an operation's path."""
    return child(child(document, "paths", document), operation.path, document)


def operation_object(operation: Operation, document: Node) -> Node:
    """Return what the document says of an operation."""
    return child(path_item(operation, document), operation.method.lower(), document)


def listed(node: Node, name: str) -> Sequence[Any]:
    """Return a member that should be a list; anything else is an empty one."""
    found = node.get(name)
    return found if isinstance(found, list) else ()
