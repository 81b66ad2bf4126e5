"""What answers show of where operations are: there, not there, or not to be told from unknown paths."""

import base64
from typing import Any

import pytest

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.operation import Operation
from harness.judges.examples import exchange
from tests.harness.judges.asking import FAIL, PASS, answered, judged

NOT_FOUND = '{"detail": "Not Found"}'
GONE = "as for what does not exist"


def operations(*paths: str) -> list[Operation]:
    return [Operation(method="GET", path=path) for path in paths]


def seen(at: int, target: str, status: int = 404, body: str = NOT_FOUND, **fields: Any) -> Exchange:
    return exchange(status, body, name=f"fuzz-{at}", target=target, **fields)


#: What the target says of a path that the document does not have.
UNKNOWN = seen(90, "/none")


def implemented(*items: Exchange, paths: tuple[str, ...] = ("/a", "/b", "/c/{id}")) -> dict[str, Finding]:
    found = judged("implemented-operations", *items, operations=operations(*paths))
    return {item.subject: item for item in found}


def outcomes_of(*items: Exchange, **fields: Any) -> dict[str, Any]:
    return {subject: item.outcome for subject, item in implemented(*items, **fields).items()}


FOUND = seen(80, "/b", 200, "{}")


@pytest.mark.parametrize("status", [200, 204, 304, 400, 402, 409, 418, 422, 428])
def test_an_answer_of_its_own_shows_that_an_operation_is_there(status: int) -> None:
    (found,) = implemented(UNKNOWN, seen(1, "/a", status), seen(2, "/a", status)).values()

    assert (found.outcome, found.reason, found.seen) == (PASS, "implemented", "")
    assert (found.exchanges, found.reproduction) == (("fuzz-1",), "")


@pytest.mark.parametrize("status", [500, 503, 429, 300, 302, 303])
def test_a_failure_a_redirect_or_a_limit_shows_nothing(status: int) -> None:
    assert outcomes_of(UNKNOWN, seen(1, "/a", status)) == {}
    assert outcomes_of(UNKNOWN, FOUND, seen(1, "/a", status), seen(2, "/a", 405)) == {"GET /b": PASS}


@pytest.mark.parametrize("status", [405, 501])
def test_a_method_that_is_refused_shows_that_the_operation_is_not_there(status: int) -> None:
    found = implemented(FOUND, seen(1, "/a", status))["GET /a"]

    assert (found.outcome, found.reason) == (FAIL, "not-implemented")
    assert found.seen == f"every answer is {status}, {GONE}"
    assert (found.exchanges, found.reproduction) == (("fuzz-1",), "curl -i http://127.0.0.1:8000/a")


@pytest.mark.parametrize("status", [404, 410])
def test_the_answer_of_an_unknown_path_shows_that_the_operation_is_not_there(status: int) -> None:
    unknown = seen(90, "/none", status)

    assert outcomes_of(unknown, FOUND, seen(1, "/a", status)) == {"GET /a": FAIL, "GET /b": PASS}
    assert outcomes_of(unknown, FOUND, seen(1, "/c/1", status)) == {"GET /b": PASS}


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_let_in_nowhere_learns_nothing(status: int) -> None:
    unknown = seen(90, "/none", status)

    assert outcomes_of(unknown, seen(1, "/a", status)) == {}
    assert outcomes_of(unknown, FOUND, seen(1, "/a", status), seen(2, "/a", 405)) == {"GET /b": PASS}


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_another_answer_than_that_of_an_unknown_path_shows_that_it_is_there(status: int) -> None:
    own = seen(1, "/a", status, '{"detail": "No such item"}')

    assert outcomes_of(UNKNOWN, own) == {"GET /a": PASS}
    assert outcomes_of(own) == {}
    assert outcomes_of(FOUND, own, seen(2, "/a", 405)) == {"GET /b": PASS}


@pytest.mark.parametrize(
    ("here", "unknown"),
    [
        (seen(1, "/a?x=1", body="no /a?x=1 at 12:30"), seen(90, "/none", body="no /none at 9:45")),
        (seen(1, "/a?x=1", body="no /a here"), seen(90, "/none", body="no /none here")),
        (seen(1, "/a", body="trace 4bf92f-00f0"), seen(90, "/none", body="trace 1234567890")),
        (seen(1, "/a", body=""), seen(90, "/none", body="")),
    ],
)
def test_what_changes_from_one_request_to_the_next_makes_no_other_answer(
    here: Exchange, unknown: Exchange
) -> None:
    assert outcomes_of(unknown, FOUND, here)["GET /a"] is FAIL


@pytest.mark.parametrize(
    "here",
    [
        seen(1, "/a", 410),
        seen(1, "/a", media_type="text/plain"),
        seen(1, "/a", body="Not Found"),
        answered(seen(1, "/a"), body=base64.b64encode(b"\xff").decode(), body_is_base64=True),
    ],
)
def test_another_status_type_or_text_is_another_answer(here: Exchange) -> None:
    assert outcomes_of(UNKNOWN, here) == {"GET /a": PASS}


def test_only_what_may_be_said_of_an_unknown_path_tells_how_it_is_answered() -> None:
    other = seen(91, "/none", 400)

    assert outcomes_of(other, FOUND, seen(1, "/a")) == {"GET /b": PASS}
    assert outcomes_of(other, UNKNOWN, FOUND, seen(1, "/a")) == {"GET /a": FAIL, "GET /b": PASS}


def test_another_method_of_a_declared_path_is_no_unknown_path() -> None:
    posted = seen(90, "/a", method="POST")

    assert outcomes_of(posted, FOUND, seen(1, "/a")) == {"GET /b": PASS}


def test_a_template_is_missing_when_its_method_is_refused_and_no_id_may_be_to_blame() -> None:
    refused, unknown_id = seen(1, "/c/1", 405), seen(2, "/c/2")

    assert outcomes_of(UNKNOWN, FOUND, refused)["GET /c/{id}"] is FAIL
    assert "GET /c/{id}" not in outcomes_of(UNKNOWN, FOUND, refused, unknown_id)
    assert outcomes_of(UNKNOWN, FOUND, refused, seen(3, "/c/3", 200))["GET /c/{id}"] is PASS


def test_every_status_is_told_once_and_five_answers_are_named_refusals_first() -> None:
    items = [*(seen(at, "/a") for at in range(1, 5)), *(seen(at, "/a", 405) for at in (5, 6))]

    found = implemented(UNKNOWN, FOUND, *items)["GET /a"]

    assert found.seen == f"every answer is 404, 405, {GONE}"
    assert found.exchanges == ("fuzz-5", "fuzz-6", "fuzz-1", "fuzz-2", "fuzz-3")


def test_a_refused_query_does_not_hide_what_comes_after_it() -> None:
    query = seen(1, "/a?query=mutation", 405)

    assert outcomes_of(FOUND, query) == {"GET /b": PASS}
    assert outcomes_of(FOUND, query, seen(2, "/a", 405)) == {"GET /a": FAIL, "GET /b": PASS}
    assert outcomes_of(FOUND, seen(2, "/a?query=x", 200)) == {"GET /a": PASS, "GET /b": PASS}


def address(*items: Exchange, paths: tuple[str, ...] = ("/a", "/b", "/c/{id}")) -> Finding | None:
    found = judged("server-address", *items, operations=operations(*paths))
    return found[0] if found else None


def test_none_of_several_operations_where_the_document_says_is_a_wrong_address() -> None:
    items = [UNKNOWN, seen(1, "/a"), seen(2, "/a"), seen(3, "/b"), seen(4, "/c/1")]

    found = address(*items)

    assert found is not None
    assert (found.outcome, found.reason) == (FAIL, "address-wrong")
    assert found.seen == "none of 3 operations is answered otherwise than a path that does not exist"
    assert found.exchanges == ("fuzz-1", "fuzz-2", "fuzz-3", "fuzz-4")
    assert found.reproduction == "curl -i http://127.0.0.1:8000/a"
    assert implemented(*items) == {}


def test_five_answers_show_a_wrong_address() -> None:
    found = address(UNKNOWN, *(seen(at, path) for at, path in enumerate(("/a", "/b") * 3)))

    assert found is not None
    assert len(found.exchanges) == 5


@pytest.mark.parametrize(
    "items",
    [
        [seen(1, "/a")],
        [seen(1, "/a"), seen(2, "/c/1")],
        [seen(1, "/a"), seen(2, "/b", 500)],
        [seen(1, "/a"), seen(2, "/b", 405)],
        [seen(1, "/a"), seen(2, "/b"), seen(3, "/b", 500)],
    ],
)
def test_an_address_is_not_called_wrong_for_one_operation_or_for_what_is_unclear(
    items: list[Exchange],
) -> None:
    assert address(UNKNOWN, *items) is None


@pytest.mark.parametrize("status", [400, 411, 413, 414, 415, 417, 431])
def test_what_a_gateway_says_of_a_message_does_not_show_that_an_address_is_true(status: int) -> None:
    """It is said before anybody looked at the path, of a path without an operation, too."""
    refused = [seen(3, "/a", status), seen(4, "/c/1", status)]

    found = address(UNKNOWN, seen(1, "/a"), seen(2, "/b"), *refused)
    only_refused = address(UNKNOWN, *refused)

    assert found is not None
    assert (found.outcome, found.exchanges) == (FAIL, ("fuzz-1", "fuzz-2"))
    assert only_refused is not None
    assert only_refused.outcome is PASS


@pytest.mark.parametrize(
    ("items", "count"),
    [
        ([seen(1, "/a"), seen(2, "/b", 200), seen(3, "/b", 204)], "1 of 2"),
        ([seen(1, "/a"), seen(3, "/b"), seen(2, "/c/1", 200)], "1 of 3"),
        ([seen(1, "/a", 405), seen(2, "/b", 200), seen(4, "/c/1", 200)], "2 of 3"),
    ],
)
def test_one_operation_that_is_there_shows_that_the_address_is_true(
    items: list[Exchange], count: str
) -> None:
    found = address(UNKNOWN, *items)

    assert found is not None
    assert (found.outcome, found.reason, found.seen) == (
        PASS,
        "address-true",
        f"{count} operations were found",
    )
    assert (found.exchanges[0], found.reproduction) == ("fuzz-2", "")


def test_of_an_address_that_is_true_five_answers_are_named() -> None:
    paths = tuple(f"/p{letter}" for letter in "abcdef")

    found = address(*(seen(at, path, 200) for at, path in enumerate(paths)), paths=paths)

    assert found is not None
    assert len(found.exchanges) == 5
    assert found.seen == "6 of 6 operations were found"


def test_a_wrong_address_is_seen_where_two_literal_operations_are_lost() -> None:
    found = address(UNKNOWN, seen(1, "/a"), seen(2, "/b"), paths=("/a", "/b"))

    assert found is not None
    assert found.outcome is FAIL
