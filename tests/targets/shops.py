"""Small services as they are found in the field, one per way of publishing (or not) what they can do."""

import json
from collections.abc import Callable, Mapping

Answer = tuple[int, str, bytes]
Service = Callable[[str, str], Answer]

_OBJECT = {"type": "object"}
_LOGIN_BODY = {
    "type": "object",
    "required": ["email", "password"],
    "properties": {"email": {"type": "string"}, "password": {"type": "string"}},
}
_TOKEN = {"type": "object", "properties": {"data": {"$ref": "#/components/schemas/Token"}}}


def _json(body: object, status: int = 200) -> Answer:
    return status, "application/json", json.dumps(body).encode()


def _page(text: str) -> Answer:
    return 200, "text/html; charset=utf-8", text.encode()


def _of(answers: Mapping[str, Answer]) -> Service:
    def answer(method: str, path: str) -> Answer:
        known = answers.get(path.split("?", 1)[0])
        if known is None:
            return _json({"detail": "Not Found"}, 404)
        return known if method in {"GET", "HEAD"} else _json({"detail": "Method Not Allowed"}, 405)

    return answer


def _operation(body: object = None, answer: object = _OBJECT, **more: object) -> dict[str, object]:
    content = {"application/json": {"schema": answer}}
    operation: dict[str, object] = {"responses": {"200": {"description": "d", "content": content}}, **more}
    if body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return operation


def shop() -> Service:
    """Accounts and orders, with a document at the usual place."""
    bearer = [{"bearerAuth": []}]
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop API", "version": "1"},
        "paths": {
            "/auth/login": {"post": _operation(_LOGIN_BODY, _TOKEN, operationId="signIn")},
            "/auth/register": {"post": _operation(_LOGIN_BODY)},
            "/auth/logout": {"post": _operation(security=bearer)},
            "/auth/password/reset": {"post": _operation({"type": "object", "properties": {"password": {}}})},
            "/users/me": {
                "get": _operation(answer={"type": "object", "properties": {"id": {}}}, security=bearer),
                "delete": _operation(security=bearer),
            },
            "/orders": {"get": _operation(security=bearer), "post": _operation(_OBJECT, security=bearer)},
            "/orders/{id}": {"delete": _operation(security=bearer)},
            "/admin/purge": {"post": _operation(security=[{"bearerAuth": ["admin"]}])},
            "/health": {"get": _operation()},
        },
        "components": {
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Token": {"type": "object", "properties": {"accessToken": {"type": "string"}}}},
        },
    }
    return _of(
        {
            "/openapi.json": _json(document),
            "/health": _json({"status": "ok"}),
            "/metrics": (200, "text/plain", b"requests_total 3\n"),
            "/users/me": _json({"detail": "no"}, 401),
            "/orders": _json({"detail": "no"}, 401),
        }
    )


def swagger2() -> Service:
    """A Swagger 2.0 document with a base path; its sign-in is a form."""
    fields = [{"name": name, "in": "formData", "type": "string"} for name in ("username", "password")]
    document = {
        "swagger": "2.0",
        "info": {"title": "Old Shop", "version": "1"},
        "basePath": "/api",
        "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Shop-Key"}},
        "paths": {
            "/login": {
                "post": {
                    "parameters": fields,
                    "responses": {"200": {"schema": {"properties": {"token": {"type": "string"}}}}},
                }
            },
            "/things": {"get": {"responses": {"200": {"schema": {}}}}},
        },
    }
    return _of({"/swagger.json": _json(document), "/api/things": _json([])})


def mounted() -> Service:
    """A service below /shop/v1 whose document knows nothing of that."""
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Mounted", "version": "1"},
        "paths": {"/carts": {"get": _operation()}},
    }
    return _of({"/shop/v1/openapi.json": _json(document), "/shop/v1/carts": _json([]), "/shop/v1": _json({})})


def documented_by_page() -> Service:
    """Only a page for people names the document."""
    page = "<html><script>SwaggerUIBundle({ url: '/hidden/spec-7.yaml', dom_id: '#ui' })</script></html>"
    text = (
        "openapi: 3.0.0\ninfo: {title: Paged, version: 2026-01-02}\n"
        "paths:\n  /a:\n    get:\n      responses:\n        200: {description: d}\n"
    )
    return _of(
        {
            "/docs": _page(page),
            "/hidden/spec-7.yaml": (200, "application/yaml", text.encode()),
            "/a": _json({}),
        }
    )


def undocumented() -> Service:
    """Pages and JSON that link one another, and one link that had better not be followed."""
    links = "".join(
        f'<a href="{path}">x</a>' for path in ("/things", "/logout", "/style.css", "https://elsewhere.test/x")
    )
    return _of(
        {
            "/": _page(f"<html>{links}</html>"),
            "/things": _json({"items": [{"id": 7, "href": "/things/7"}, {"id": 8, "href": "/things/8"}]}),
            "/things/7": _json({"id": 7, "owner": "/people/1"}),
            "/things/8": _json({"id": 8}),
            "/logout": _page("bye"),
        }
    )


def graph() -> Service:
    """A GraphQL endpoint and an MCP server, as far as a GET sees them."""
    answers = {
        "/graphql": _json({"data": {"__typename": "Query"}}),
        "/mcp": _json(
            {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "Not Acceptable"}}, 406
        ),
    }
    return _of({"/": _json({}), **answers})
