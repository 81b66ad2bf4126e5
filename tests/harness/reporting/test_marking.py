"""What a finding names of an answer is marked, and nothing else."""

import pytest

from harness.core.exchange import Response
from harness.core.finding import Finding
from harness.core.layer import Layer
from harness.core.outcome import Outcome
from harness.reporting.marking import Marks, marks_of

ANSWER = Response(
    status=500,
    headers=(("Content-Type", "text/plain"), ("X-Powered-By", "PHP"), ("Date", "today")),
    body='{"detail": "boom at line 7", "items": [{"price": -1}]}',
)


def marked(reason: str = "flaw", seen: str = "", expected: str = "") -> Marks:
    finding = Finding(
        requirement="a.b",
        subject="target",
        outcome=Outcome.FAIL,
        reason=reason,
        layer=Layer.JUDGES,
        producer="judge:x",
        seen=seen,
        expected=expected,
    )
    return marks_of(finding, ANSWER)


@pytest.mark.parametrize(
    ("reason", "seen", "is_marked"),
    [
        ("status-undocumented", "", True),
        ("server-error", "GET /a answered 500", True),
        ("statuses-unseen", "3 of 8", False),
        ("flaw", "1500 answers", False),
    ],
)
def test_the_status_is_marked_where_it_is_named(reason: str, seen: str, is_marked: bool) -> None:
    assert marked(reason, seen).status == is_marked


def test_a_header_that_is_named_is_marked() -> None:
    assert marked(seen="X-Powered-By shows the framework").headers == ("x-powered-by",)


def test_a_header_that_is_absent_is_named_as_missing() -> None:
    assert marked("header-missing", "no Strict-Transport-Security").missing == ("Strict-Transport-Security",)
    assert marked(seen="Strict-Transport-Security is short").missing == ()


def test_a_wrong_media_type_marks_its_header() -> None:
    assert marked("media-type-undocumented").headers == ("content-type",)


def test_quoted_text_and_members_are_marked_where_they_stand_in_the_body() -> None:
    found = marked(seen="the body shows 'boom at line 7', not 'elsewhere'; $.items.price is below 0")

    assert found.pieces == ("boom at line 7", '"items"', '"price"')


def test_nothing_is_marked_where_nothing_is_named() -> None:
    assert not marked(seen="it failed")
    assert not marks_of(
        Finding(
            requirement="a.b",
            subject="t",
            outcome=Outcome.FAIL,
            reason="status-x",
            layer=Layer.JUDGES,
            producer="j",
        ),
        None,
    )
