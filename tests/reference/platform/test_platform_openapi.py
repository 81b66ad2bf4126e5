"""The published document of the whole reference, held against itself and against the routes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reference_impl.app import Application, create_app
from reference_impl.gateway.openapi import operations
from reference_impl.gateway.routes import known_routes
from reference_impl.services import PREFIXES
from reference_impl.settings import Settings

PUBLIC = {"register", "login", "refresh", "publishedKeys"}
Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("openapi"), control=True))


@pytest.fixture(scope="module")
def document(application: Application) -> dict[str, Any]:
    return dict(application.document())


@pytest.fixture(scope="module")
def every(document: dict[str, Any]) -> list[Operation]:
    return list(operations(document))


def _responses(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, response in operation["responses"].items():
        reference = response.get("$ref", "").rpartition("/")[2]
        yield status, document["components"]["responses"][reference] if reference else response


def test_every_service_is_described(every: list[Operation]) -> None:
    tags = {tag for _, _, operation in every for tag in operation["tags"]}

    assert set(PREFIXES) | {"operations"} <= tags


def test_operations_have_names_of_their_own_words_and_tags(
    document: dict[str, Any], every: list[Operation]
) -> None:
    names = [operation["operationId"] for _, _, operation in every]
    known = {tag["name"] for tag in document["tags"]}

    assert len(set(names)) == len(names)
    assert all(operation["summary"] and operation["description"] for _, _, operation in every)
    assert all(set(operation["tags"]) <= known for _, _, operation in every)
    assert all(tag["description"] for tag in document["tags"])


def test_no_route_is_undocumented_but_control(application: Application, every: list[Operation]) -> None:
    documented = {(path, method.upper()) for path, method, _ in every}

    real = {(route.path, method) for route in known_routes(application.api) for method in route.methods}

    assert {each for each in real if not each[0].startswith("/_control")} == documented


def test_every_documented_error_is_a_problem(document: dict[str, Any], every: list[Operation]) -> None:
    bare = [
        (operation["operationId"], status)
        for _, _, operation in every
        for status, response in _responses(document, operation)
        if int(status) >= 400 and "application/problem+json" not in response.get("content", {})
    ]

    assert bare == [("getReadiness", "503")]


def test_operations_document_what_the_gateway_can_answer(every: list[Operation]) -> None:
    for _, _, operation in every:
        expected = {"400", "405", "422", "429", "500", "503"}
        if operation.get("security"):
            expected |= {"401", "403"}
        if "requestBody" in operation:
            expected |= {"413", "415"}
        assert expected <= set(operation["responses"]), operation["operationId"]


def test_only_entrances_and_operations_are_open(every: list[Operation]) -> None:
    open_ones = {
        operation["operationId"]
        for path, _, operation in every
        if not operation.get("security")
        and "operations" not in operation["tags"]
        and not path.startswith("/.well-known")
    }

    assert open_ones <= PUBLIC


def test_every_request_body_shows_an_example_that_is_valid(
    document: dict[str, Any], every: list[Operation]
) -> None:
    shown = 0
    for _, _, operation in every:
        for media in operation.get("requestBody", {}).get("content", {}).values():
            schema = {**media["schema"], "components": document["components"]}
            example = media.get("example", next(iter(media.get("examples", {}).values()), {}).get("value"))
            assert example is not None, operation["operationId"]
            if media["schema"].get("format") != "binary":
                Draft202012Validator(schema).validate(example)
            shown += 1

    assert shown >= 10


def test_schemas_are_valid_json_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_the_document_names_this_deployment(tmp_path: Path) -> None:
    application = create_app(Settings(data_dir=tmp_path, public_url="https://core.example/"))
    document = application.document()

    assert document["openapi"] == "3.1.0"
    assert document["servers"][0]["url"] == "https://core.example"
    assert document["info"]["license"]
    assert document["info"]["contact"]
    assert document["components"]["securitySchemes"]["bearerAuth"]["scheme"] == "bearer"
