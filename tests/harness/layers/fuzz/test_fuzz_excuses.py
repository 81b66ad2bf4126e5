"""Failures of Schemathesis that its own cases explain, and not the target."""

import pytest

from harness.core.operation import Operation
from harness.layers.fuzz.report import Mode, SentCase, SentRequest
from harness.layers.fuzz.rules import RULES

_OPERATION = Operation(method="PUT", path="/items/{id}", responses={"200": ("application/json",)})


def _case(
    *,
    has_body: bool = True,
    header: tuple[str, str] = ("X", "y"),
    description: str = "",
    media_type: str = "application/json",
) -> SentCase:
    return SentCase(
        id="a",
        label="PUT /items/{id}",
        phase="coverage",
        method="PUT",
        path="/items/{id}",
        mode=Mode.NEGATIVE,
        description=description,
        status=200,
        has_body=has_body,
        media_type=media_type,
        request=SentRequest(method="PUT", uri="/items/1", headers=(header,)),
    )


@pytest.mark.parametrize("has_body", [False, True])
def test_an_answer_without_a_body_owes_nobody_a_media_type(*, has_body: bool) -> None:
    excuses = RULES["content_type_conformance"].excuses

    assert excuses(_case(has_body=has_body), _OPERATION) is not has_body


@pytest.mark.parametrize(
    ("header", "is_excused"),
    [
        (("If-Match", ""), True),
        (("If-Match", "x"), False),
        (("X-Other", ""), False),
    ],
)
def test_a_field_that_was_sent_without_a_value_may_be_read_as_left_out(
    header: tuple[str, str], *, is_excused: bool
) -> None:
    case = _case(header=header, description="If-Match: Value not matching the pattern")

    assert RULES["negative_data_rejection"].excuses(case, _OPERATION) is is_excused


@pytest.mark.parametrize(
    ("media_type", "is_excused"),
    [
        ("text/x-yaml", True),
        ("application/yaml", True),
        ("text/event-stream", True),
        ("application/json", False),
    ],
)
def test_what_the_tool_reads_otherwise_than_the_document_is_held_against_nobody(
    media_type: str, *, is_excused: bool
) -> None:
    excuses = RULES["response_schema_conformance"].excuses

    assert excuses(_case(media_type=media_type), _OPERATION) is is_excused
