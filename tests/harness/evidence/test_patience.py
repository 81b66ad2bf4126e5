"""A deployment that asks to be left alone is left alone, and one busy operation does not stop the rest."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from harness.evidence.patience import Patience

WALL = datetime(2026, 1, 2, tzinfo=UTC)


def answered(
    patience: Patience, path: str, status: int, retry_after: str = "", *, now: float = 100.0
) -> float:
    return patience.answered(path, status, retry_after, now=now, wall=WALL)


def test_retry_after_in_seconds_is_honoured() -> None:
    patience = Patience()

    answered(patience, "/a", 429, "7")

    assert patience.until("/a") == 107.0
    assert patience.until("/b") == 0.0


def test_retry_after_as_a_date_is_honoured() -> None:
    patience = Patience()

    answered(patience, "/a", 503, format_datetime(WALL + timedelta(seconds=30), usegmt=True))

    assert patience.until("/a") == 130.0


def test_without_retry_after_each_refusal_doubles_the_wait_up_to_a_limit() -> None:
    patience = Patience()

    waits = []
    for _ in range(6):
        answered(patience, "/a", 429)
        waits.append(patience.until("/a") - 100.0)

    assert waits == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]


def test_a_good_answer_begins_anew() -> None:
    patience = Patience()
    answered(patience, "/a", 429)
    answered(patience, "/a", 429)

    answered(patience, "/a", 200)
    answered(patience, "/a", 429)

    assert patience.until("/a") == 100.5


def test_a_503_that_does_not_say_when_is_a_finding_and_no_request_to_wait() -> None:
    patience = Patience()

    answered(patience, "/a", 503)

    assert patience.until("/a") == 0.0


def test_two_throttled_paths_mean_that_everything_waits() -> None:
    patience = Patience()

    first = answered(patience, "/a", 429, "3")
    second = answered(patience, "/b", 429, "5", now=101.0)

    assert (first, second) == (0.0, 106.0)
