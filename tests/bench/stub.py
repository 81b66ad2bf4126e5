"""A service of fifty operations, some of them wrong: `python -m tests.bench.stub PORT`."""

import sys
from typing import Any
from urllib.parse import urlsplit

from tests.targets.from_document import Deviation, DocumentServer, Handler

#: Ten collections of five operations; what stands behind a name is wrong in that way.
RESOURCES = {
    "authors": "",
    "books": Deviation.SCHEMA,
    "cards": "",
    "desks": Deviation.SERVER_ERROR,
    "events": Deviation.INPUT,
    "fees": "",
    "guides": Deviation.STATUS,
    "halls": Deviation.MEDIA_TYPE,
    "items": "",
    "jobs": Deviation.AUTH,
}
_PROBLEM = {
    "description": "Refused.",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}


def _fields(name: str) -> dict[str, Any]:
    return {
        "name": {"type": "string", "minLength": 1, "maxLength": 40},
        "kind": {"type": "string", "enum": [f"{name}-new", f"{name}-used"]},
        "pages": {"type": "integer", "minimum": 1, "maximum": 900},
        "price": {"type": "number", "minimum": 0, "maximum": 100},
        "shown": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 12}, "maxItems": 5},
        "made": {"type": "string", "format": "date-time"},
    }


def document() -> dict[str, Any]:
    """Return what the service publishes; it says nothing of what is wrong."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for name in RESOURCES:
        title = name.title()
        fields = _fields(name)
        new = {"type": "object", "additionalProperties": False, "required": ["name", "pages"]}
        schemas[f"New{title}"] = {**new, "properties": fields}
        known = {"id": {"type": "integer", "minimum": 1}, **fields}
        schemas[title] = {"type": "object", "required": ["id", "name", "pages"], "properties": known}
        one, body = _content(f"#/components/schemas/{title}"), _content(f"#/components/schemas/New{title}")
        several = {"type": "array", "items": {"$ref": f"#/components/schemas/{title}"}}
        limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50}}
        identity = {"name": "id", "in": "path", "required": True, "schema": known["id"]}
        sent = {"requestBody": {"required": True, **body}}
        all_of_them = {"content": {"application/json": {"schema": several}}}
        paths[f"/{name}"] = {
            "get": _operation(f"list{title}", "200", all_of_them, parameters=[limit]),
            "post": _operation(f"create{title}", "201", one, **sent),
        }
        paths[f"/{name}/{{id}}"] = {
            "get": _operation(f"read{title}", "200", one, parameters=[identity]),
            "put": _operation(f"replace{title}", "200", one, parameters=[identity], **sent),
            "delete": _operation(f"delete{title}", "200", one, parameters=[identity]),
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Fifty", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _content(reference: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": reference}}}}


def _operation(identity: str, status: str, answer: dict[str, Any], **members: Any) -> dict[str, Any]:
    refused = dict.fromkeys(("400", "401", "404", "415", "422"), _PROBLEM)
    return {
        "operationId": identity,
        "security": [{"bearer": []}],
        "responses": {status: {"description": "Done.", **answer}, **refused},
        **members,
    }


class _Resource(Handler):
    def deviates(self, deviation: Deviation) -> bool:
        return RESOURCES.get(urlsplit(self.path).path.split("/")[1]) == deviation


class Fifty(DocumentServer):
    """The service on a port."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(document(), port=port)
        self.RequestHandlerClass = _Resource


if __name__ == "__main__":
    Fifty(int(sys.argv[1])).serve_forever()
