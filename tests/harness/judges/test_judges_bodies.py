"""What is read of a body, of a request that was framed oddly, and of flaws that are many."""

import base64
import gzip
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest

from harness.core.exchange import Exchange
from harness.core.outcome import Outcome
from harness.judges.examples import PROBLEM, exchange
from tests.harness.judges.asking import FAIL, PASS, answered, asked, judged, outcomes


def base64_of(item: Exchange, raw: bytes, encoding: str) -> Exchange:
    assert item.response is not None
    headers = (*item.response.headers, ("content-encoding", encoding))
    return answered(item, body=base64.b64encode(raw).decode(), body_is_base64=True, headers=headers)


TRACEBACK = b"Traceback (most recent call last)"


@pytest.mark.parametrize(
    ("raw", "encoding", "outcome"),
    [
        (TRACEBACK, "", [FAIL]),
        (TRACEBACK, "identity", [FAIL]),
        (TRACEBACK, " Identity ", [FAIL]),
        (gzip.compress(TRACEBACK, mtime=0), "gzip", [FAIL]),
        (gzip.compress(TRACEBACK, mtime=0), " GZIP", [FAIL]),
        (zlib.compress(TRACEBACK), "deflate", [FAIL]),
        (TRACEBACK, "br", []),
        (b"\xff" + TRACEBACK, "", []),
        (b"no gzip" + TRACEBACK, "gzip", []),
    ],
)
def test_a_body_is_read_through_the_codings_that_can_be_undone(
    raw: bytes, encoding: str, outcome: list[Outcome]
) -> None:
    assert outcomes("stack-traces", base64_of(exchange(500, "x"), raw, encoding)) == outcome


def test_of_a_compressed_body_the_first_mebibyte_is_read() -> None:
    short = gzip.compress(b"a" * ((1 << 20) - 100) + b" " + TRACEBACK)
    long = gzip.compress(b"a" * (1 << 20) + TRACEBACK)

    assert outcomes("stack-traces", base64_of(exchange(500, "x"), short, "gzip")) == [FAIL]
    assert outcomes("stack-traces", base64_of(exchange(500, "x"), long, "gzip")) == [PASS]


@pytest.mark.parametrize(
    ("item", "outcome"),
    [
        (exchange(399, "Traceback (most recent call last)"), []),
        (exchange(400, "Traceback (most recent call last)"), [FAIL]),
        (exchange(200, json.dumps({"errors": ["Traceback (most recent call last)"]})), [FAIL]),
        (exchange(200, json.dumps({"errors": []})), []),
        (exchange(200, json.dumps({"errors": "Traceback (most recent call last)"})), []),
        (exchange(200, json.dumps(["Traceback (most recent call last)"])), []),
        (exchange(500, json.dumps({"a": {"b": ["x", "Traceback (most recent call last)"]}})), [FAIL]),
        (exchange(500, json.dumps({"a": "in line 1", "b": 'File "x.py"'})), [PASS]),
        (exchange(500, json.dumps(["goroutine 7", "[running]:"])), [PASS]),
        (exchange(500), []),
    ],
)
def test_errors_are_read_text_by_text(item: Exchange, outcome: list[Outcome]) -> None:
    assert outcomes("stack-traces", item) == outcome


def test_texts_are_quoted_up_to_120_characters_on_one_line() -> None:
    statement = "SELECT " + "a_long_column, " * 15 + "b\nFROM items WHERE 1"

    (finding,) = judged("stack-traces", exchange(500, json.dumps({"detail": statement})))

    assert finding.seen.startswith(
        "1 of 1 answers: GET /items/1 answered 500 with an SQL statement: SELECT a_"
    )
    assert len(finding.seen.partition("an SQL statement: ")[2]) == 120


def test_what_the_target_of_the_request_brought_is_no_leak_and_another_leak_is() -> None:
    echoed = exchange(404, json.dumps({"path": "/site-packages/x"}), target="/site-packages/x")
    beside = exchange(
        404,
        json.dumps({"path": "/site-packages/x", "at": "goroutine 7 [running]:"}),
        target="/site-packages/x",
    )

    assert outcomes("stack-traces", echoed) == [PASS]
    assert outcomes("stack-traces", beside) == [FAIL]


@pytest.mark.parametrize(
    ("name", "value", "reaches"),
    [
        ("X-Good", "tab\there", True),
        ("X-Bad", "line\nhere", False),
        ("X-Bad", "\x7f", False),
        ("X Bad", "x", False),
        ("", "x", False),
    ],
)
def test_a_request_with_a_header_that_http_forbids_never_reached_the_application(
    name: str, value: str, reaches: bool
) -> None:
    item = asked(exchange(404), headers=(("X-First", "1"), (name, value)))

    assert bool(judged("problem-details", item)) is reaches


@pytest.mark.parametrize(
    ("headers", "reaches"),
    [
        ([("Host", "a")], True),
        ([("Host", "a"), ("host", "a")], False),
        ([("Content-Length", "1")], True),
        ([("Transfer-Encoding", "chunked")], True),
        ([("transfer-encoding", "chunked"), ("content-length", "1")], False),
    ],
)
def test_a_request_framed_two_ways_never_reached_the_application(headers: Any, reaches: bool) -> None:
    assert bool(judged("problem-details", asked(exchange(404), headers=tuple(headers)))) is reaches


def test_what_could_not_be_parsed_never_reached_the_application() -> None:
    unparsed, closed = (replace(exchange(404), gap=gap) for gap in ("unparsed", "connection-closed"))

    assert outcomes("problem-details", unparsed) == []
    assert outcomes("problem-details", closed) == [FAIL]


def test_ids_are_ordered_by_layer_and_number_and_odd_ones_by_name() -> None:
    names = ["scenarios-2", "fuzz-1", "fuzz-10", "fuzz-9", "fuzz-x", "odd", "fuzz-9a"]
    items = [exchange(404, str(number), name=name) for number, name in enumerate(names)]

    (finding,) = judged("problem-details", *items)

    assert finding.exchanges[0] == "odd"
    assert [name for name in finding.exchanges if name.startswith("fuzz")] == [
        "fuzz-9a", "fuzz-x", "fuzz-1", "fuzz-9", "fuzz-10",
    ]  # fmt: skip
    assert finding.exchanges[-1] == "scenarios-2"


def test_at_most_ten_different_flaws_are_named() -> None:
    items = [exchange(404, "x", name=f"fuzz-{n}", target=f"/{n}") for n in range(1, 13)]

    (finding,) = judged("problem-details", *items)

    assert finding.exchanges == tuple(f"fuzz-{n}" for n in range(1, 11))
    assert finding.seen.count(";") == 9
    assert finding.seen.startswith("12 of 12 answers: ")


def test_a_second_example_of_a_flaw_is_named_after_the_first_of_each() -> None:
    items = [exchange(404, "x", name=f"fuzz-{n}", target=f"/{n % 9}") for n in range(1, 13)]

    (finding,) = judged("problem-details", *items)

    assert finding.exchanges == (*(f"fuzz-{n}" for n in range(1, 10)), "fuzz-10")


@pytest.mark.parametrize(
    ("item", "has_content"),
    [
        (answered(exchange(200), body_size=5), True),
        (answered(exchange(200), body="x", body_size=0), True),
        (exchange(200), False),
        (answered(exchange(200, method="HEAD"), body_size=5), False),
        (answered(exchange(204), body_size=5), False),
        (answered(exchange(304), body_size=5), False),
        (answered(exchange(205), body_size=5), True),
        (answered(exchange(305), body_size=5), True),
    ],
)
def test_an_answer_has_content_unless_http_says_that_it_has_none(item: Exchange, has_content: bool) -> None:
    assert outcomes("security-headers", item) == ([FAIL] if has_content else [])


def test_a_status_member_in_another_format_is_not_that_of_a_problem() -> None:
    assert outcomes("problem-status", exchange(404, '{"status": 410}')) == []


def test_a_body_that_was_cut_is_not_read_even_where_it_happens_to_be_json() -> None:
    cut = answered(exchange(404, '{"status": 410}', media_type=PROBLEM), is_truncated=True)

    assert outcomes("problem-status", cut) == []


def test_an_empty_problem_does_not_end_the_reading() -> None:
    empty = exchange(404, "{}", media_type=PROBLEM, name="fuzz-1")
    wrong = exchange(404, '{"status": 1}', media_type=PROBLEM, name="fuzz-2")

    assert outcomes("problem-status", empty, wrong) == [FAIL]
