"""Each request of the tool has an idempotency key of its own, where the document allows one."""

from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from harness.layers.fuzz.fresh_keys import before_call
from harness.layers.fuzz.keys import is_fresh


def sent(schema: dict[str, Any], **headers: str) -> dict[str, str]:
    parameter = {"name": "idempotency-key", "in": "header", "schema": schema}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/things": {"post": {"parameters": [parameter], "responses": {"201": {"description": ""}}}}
        },
    }
    operation = schemathesis.openapi.from_dict(document)["/things"]["POST"]
    case: Case[Any] = operation.Case(headers=headers)
    before_call(HookContext(operation=operation), case, {})
    return dict(case.headers)


def test_two_requests_never_share_a_key() -> None:
    keys = [sent({"type": "string"}, **{"Idempotency-Key": "0"})["Idempotency-Key"] for _ in range(2)]

    assert all(map(is_fresh, keys))
    assert len(set(keys)) == 2


@pytest.mark.parametrize("schema", [{"type": "string", "maxLength": 20}, {"enum": ["a", "b"]}])
def test_a_key_that_the_document_would_not_allow_is_not_made(schema: dict[str, Any]) -> None:
    assert sent(schema, **{"Idempotency-Key": "a"}) == {"Idempotency-Key": "a"}


def test_a_request_without_a_key_gets_none() -> None:
    assert "Idempotency-Key" not in sent({"type": "string"}, Accept="text/plain")


def test_a_key_that_is_meant_to_be_refused_stays() -> None:
    meta = SimpleNamespace(
        components={ParameterLocation.HEADER: SimpleNamespace(mode=GenerationMode.NEGATIVE)}
    )
    case: Any = SimpleNamespace(headers={"Idempotency-Key": "\n"}, meta=meta)

    before_call(HookContext(), case, {})

    assert case.headers == {"Idempotency-Key": "\n"}
