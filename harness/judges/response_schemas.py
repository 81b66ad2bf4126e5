"""Judges that answers have the shape their document declares for the status and media type."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.components import components_for
from harness.core.exchange import Exchange, Response
from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.judges.examples import JSON, exchange, item_operation, recorded
from harness.judges.protocol import Judge, Recorded
from harness.judges.reading import Observation, findings, has_body, json_of, operation_answers

_ID = "response-schemas"
_REQUIREMENT = "api.responses-match-schema"


def judge(found: Recorded) -> Iterator[Finding]:
    """Return one finding per operation that answered under a status that its document describes.

    OpenAPI 3.0 has a schema dialect of its own, so only 3.1 documents are judged here.
    """
    if found.openapi is None or not str(found.openapi.get("openapi", "")).startswith("3.1"):
        return
    yield from findings(
        _observations(found, _Schemas(found.openapi)),
        requirement=_REQUIREMENT,
        judge=_ID,
        expected="an answer has the shape that the OpenAPI document declares for its status",
        base_url=found.base_url,
    )


def _observations(found: Recorded, schemas: "_Schemas") -> Iterator[Observation]:
    for operation, item, response in operation_answers(found):
        seen = schemas.difference(operation, item, response)
        if seen is not None:
            flaw = "schema-violated" if seen else ""
            yield Observation(subject=operation.subject, exchange=item, flaw=flaw, seen=seen)


class _Schemas:
    """The validators of one document, made when they are first needed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._validators: dict[tuple[str, str, str], Any] = {}

    def difference(self, operation: Operation, item: Exchange, response: Response) -> str | None:
        """Return where an answer differs, "" where it does not, None where there is nothing to compare."""
        declared = self._response(operation, response.status)
        if declared is None:
            return None
        if not has_body(item, response):
            return "" if item.request.method == "HEAD" or not declared.get("content") else None
        body = json_of(response)
        if body is None:
            return None
        validator = self._validator(operation, response, declared)
        if validator is None:
            return None
        error = next(iter(validator.iter_errors(body)), None)
        if error is None:
            return ""
        where = "/" + "/".join(str(part) for part in error.instance_path)
        return f"{response.status}: {where} {error.message[:200]}"

    def _validator(self, operation: Operation, response: Response, declared: Mapping[str, Any]) -> Any:
        key = (operation.subject, str(response.status), response.media_type)
        if key not in self._validators:
            schema = _under(declared, "content", response.media_type, "schema")
            self._validators[key] = None if schema is None else self._compiled(schema)
        return self._validators[key]

    def _compiled(self, schema: Any) -> Any:
        from jsonschema_rs import Draft202012Validator, ValidationError  # noqa: PLC0415 - loaded once there is a document

        if not isinstance(schema, dict):
            return None
        components = components_for(schema, self._document.get("components", {}))
        rooted = {**schema, "components": components}
        try:
            return Draft202012Validator(rooted, offline=True)
        except (ValidationError, ValueError):
            return None  # a schema nobody can read is the business of openapi-valid

    def _response(self, operation: Operation, status: int) -> Mapping[str, Any] | None:
        responses = _under(self._document, "paths", operation.path, operation.method.lower(), "responses")
        for key in (str(status), f"{status // 100}XX", "default"):
            if isinstance(responses, dict) and key in responses:
                return self._resolved(responses[key])
        return None

    def _resolved(self, node: Any) -> Mapping[str, Any] | None:
        """Follow one reference into the components, where responses are shared."""
        reference = _under(node, "$ref")
        found = _under(self._document, *reference[2:].split("/")) if isinstance(reference, str) else node
        return found if isinstance(found, dict) else None


def _under(node: Any, *path: str) -> Any:
    """Return what stands at a path of members, or None."""
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node


_ITEM = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
_ANSWER = {"description": "An item.", "content": {JSON: {"schema": {"$ref": "#/components/schemas/Item"}}}}
_DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Example", "version": "1"},
    "paths": {"/items/{id}": {"get": {"responses": {"200": _ANSWER}}}},
    "components": {"schemas": {"Item": _ITEM}},
}

JUDGE = Judge(
    id=_ID,
    requirements=(_REQUIREMENT,),
    judge=judge,
    good=recorded(exchange(200, '{"id": 1}'), operations=[item_operation(s200=(JSON,))], openapi=_DOCUMENT),
    bad=recorded(
        exchange(200, '{"id": "one"}'), operations=[item_operation(s200=(JSON,))], openapi=_DOCUMENT
    ),
)
