"""Each call that a target makes has to say what it sends and how its sender is proved."""

from typing import Any

import pytest

from harness.judges.examples import JSON
from tests.harness.judges.asking import judged

WHOLE = {
    "summary": "An item was made.",
    "parameters": [{"name": "X-Signature", "in": "header"}],
    "requestBody": {"content": {JSON: {"schema": {"type": "object"}}}},
    "responses": {"204": {"description": "Taken."}},
}
FINE = ("as-required", "")


def calls(**document: Any) -> list[tuple[str, str]]:
    """Return what is said of documentation, and of signatures."""
    found = judged("callbacks", openapi={"openapi": "3.1.0", **document})
    return [(item.reason, item.seen) for item in found]


def made(**changes: Any) -> list[tuple[str, str]]:
    return calls(
        webhooks={"made": {"post": {**WHOLE, **changes}}},
        components={
            "requestBodies": {"Item": {"content": {"text/plain": {}, JSON: {"schema": {"type": "object"}}}}},
            "parameters": {"Signed": {"name": "Webhook-Id"}},
        },
    )


def bare(*sentences: str) -> tuple[str, str]:
    return "callback-undocumented", "; ".join(sentences)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"webhooks": ["made"], "paths": ["/a"]},
        {"webhooks": {"made": None}, "paths": {"/a": None, "/b": {"post": {"callbacks": ["made"]}}}},
        {"webhooks": {"made": {"options": WHOLE, "post": "no operation"}}},
        {"paths": {"/a": {"post": {"callbacks": {"made": "none", "other": {"$ref": "#/no"}}}}}},
    ],
)
def test_a_document_without_calls_says_nothing(document: Any) -> None:
    assert calls(**document) == []


def test_a_call_that_says_everything_is_as_required() -> None:
    assert made() == [FINE, FINE]
    assert made(summary="", description="An item was made.")[0] == FINE
    assert made(requestBody={"$ref": "#/components/requestBodies/Item"})[0] == FINE


@pytest.mark.parametrize(
    ("changes", "gap"),
    [
        ({"summary": None}, "webhook made has neither summary nor description"),
        ({"requestBody": None}, "webhook made has no body with a schema"),
        ({"requestBody": {"content": [JSON]}}, "webhook made has no body with a schema"),
        ({"requestBody": {"content": {JSON: {}, "a/b": "no"}}}, "webhook made has no body with a schema"),
        ({"responses": {}}, "webhook made names no answer that it expects"),
    ],
)  # fmt: skip
def test_each_gap_of_a_call_is_named(changes: Any, gap: str) -> None:
    assert made(**changes)[0] == bare(gap)


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": "Signed with a shared key."},
        {"description": "Carries an HMAC."},
        {"security": [{"jws": []}]},
        {"parameters": [{"name": "id"}, {"name": "X-Hub-Digest"}]},
        {"parameters": [{"name": "proof", "description": "The signature of the body."}]},
        {"parameters": [{"$ref": "#/components/parameters/Signed"}]},
    ],
)
def test_how_a_sender_is_proved_may_stand_in_texts_headers_or_security(changes: Any) -> None:
    assert made(parameters=[])[1] == bare("webhook made names no signature")
    assert made(**{"parameters": [], **changes})[1] == FINE


@pytest.mark.parametrize("parameters", [None, "X-Signature", [None], [{"description": None}]])
def test_what_is_no_parameter_proves_nothing(parameters: Any) -> None:
    assert made(parameters=parameters)[1] == bare("webhook made names no signature")


def test_words_are_read_apart_from_one_another() -> None:
    assert made(summary="Sent when s", description="igned.", parameters=[])[1] == bare(
        "webhook made names no signature"
    )


@pytest.mark.parametrize("method", ["get", "put", "post", "delete", "patch"])
def test_calls_of_every_method_are_read_in_webhooks_and_callbacks(method: str) -> None:
    call = {"summary": "Sent."}
    callbacks = {"made": {"{$request.body#/url}": {"options": call, method: call}}}

    (_, signed) = calls(
        webhooks={"sent": {"$ref": "#/shared"}},
        shared={method: call},
        paths={"/a": {method: {"callbacks": callbacks}}},
    )

    assert signed == bare(
        "webhook sent names no signature",
        f"callback made of {method.upper()} /a {{$request.body#/url}} names no signature",
    )


def test_a_shared_callback_is_followed() -> None:
    callback = {"$ref": "#/components/callbacks/Made"}

    (_, signed) = calls(
        paths={"/a": {"put": {"callbacks": {"made": callback}}}},
        components={"callbacks": {"Made": {"/to": {"post": {"summary": "Sent."}}}}},
    )

    assert signed == bare("callback made of PUT /a /to names no signature")


def test_a_shared_path_of_a_callback_is_followed() -> None:
    (_, signed) = calls(
        paths={"/a": {"put": {"callbacks": {"made": {"/to": {"$ref": "#/shared"}}}}}},
        shared={"post": {"summary": "Sent."}},
    )

    assert signed == bare("callback made of PUT /a /to names no signature")


def test_five_gaps_of_many_are_told() -> None:
    (documented, signed) = calls(webhooks={f"w{at}": {"post": {}} for at in range(6)})

    assert documented == bare(
        "webhook w0 has neither summary nor description",
        "webhook w0 has no body with a schema",
        "webhook w0 names no answer that it expects",
        "webhook w1 has neither summary nor description",
        "webhook w1 has no body with a schema",
    )
    assert signed == bare(*(f"webhook w{at} names no signature" for at in range(5)))
