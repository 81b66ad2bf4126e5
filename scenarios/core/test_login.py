"""Login tells nothing of who has an account, and lets nobody guess for long."""

import time
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from statistics import median
from typing import Any

import httpx
import pytest

from harness.layers.scenarios.core_profile import Accounts
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.expect import expect_status

_TRIES = 9
_MORE_TRIES = 25
_SIGMAS = 3.5  # by chance once in two thousand times, and the medians must differ as well
_MOST_GUESSES = 100
_LONGEST_LOCK_OUT = 24 * 3600
_VOLATILE_MEMBERS = frozenset({"request_id", "instance"})
_VOLATILE_HEADERS = frozenset(
    {"date", "x-request-id", "traceparent", "traceresponse", "ratelimit", "content-length"}
)


def attempt(
    client: httpx.Client, email: str, password: str, headers: Mapping[str, str] | None = None
) -> tuple[httpx.Response, float]:
    """Try to log in and say how long the answer took."""
    started = time.perf_counter()
    answer = client.post("/auth/login", json={"email": email, "password": password}, headers=headers)
    return answer, time.perf_counter() - started


def visible(answer: httpx.Response) -> dict[str, Any]:
    """Return what a caller can compare, without what differs in every answer."""
    document = answer.json()
    return {
        "status": answer.status_code,
        "headers": sorted(set(answer.headers) - _VOLATILE_HEADERS),
        "body": {name: value for name, value in document.items() if name not in _VOLATILE_MEMBERS},
    }


def share_slower(these: Sequence[float], those: Sequence[float]) -> float:
    """Return how often one of these took longer than one of those: 0.5 when nobody can tell."""
    return sum(one > other for one in these for other in those) / (len(these) * len(those))


def can_tell(these: Sequence[float], those: Sequence[float]) -> bool:
    """Whether two series of times differ beyond chance, and enough to be of use to anybody."""
    most = _SIGMAS * sqrt((len(these) + len(those) + 1) / (12 * len(these) * len(those)))
    ratio = median(these) / median(those)
    return abs(share_slower(these, those) - 0.5) > min(most, 0.45) and not 0.6 < ratio < 1.6


@pytest.mark.requirement("auth.login-enumeration-safe")
@pytest.mark.usefixtures("fresh_windows")
def test_a_failed_login_is_the_same_for_known_and_unknown_names(
    accounts: Accounts, client: httpx.Client, unique: str
) -> None:
    """Status, body, headers and time of a failed login do not tell whether the name is known."""
    known = accounts().email
    attempt(client, f"warm-{unique}@example.org", "a wrong pass phrase")

    def tried(numbers: Iterable[int]) -> tuple[list[float], list[float]]:
        times: tuple[list[float], list[float]] = ([], [])
        for number in numbers:
            of_known, slow = attempt(client, known, f"a wrong pass phrase {number}")
            nobody = f"nobody-{unique}-{number}@example.org"
            of_unknown, quick = attempt(client, nobody, f"a wrong pass phrase {number}")
            assert visible(of_known) == visible(of_unknown), (
                f"a known name is answered {visible(of_known)}, an unknown one {visible(of_unknown)}"
            )
            times[0].append(slow)
            times[1].append(quick)
        return times

    known_times, unknown_times = tried(range(_TRIES))
    if abs(share_slower(known_times, unknown_times) - 0.5) > 0.2:  # it may be chance: look closer
        more = tried(range(_TRIES, _MORE_TRIES))
        known_times, unknown_times = known_times + more[0], unknown_times + more[1]
    assert not can_tell(known_times, unknown_times), (
        f"a known name takes {median(known_times) * 1000:.0f} ms, "
        f"an unknown one {median(unknown_times) * 1000:.0f} ms (medians of {len(known_times)})"
    )


def disguise(number: int) -> Mapping[str, str]:
    """Return headers by which a guesser claims to be somewhere else each time."""
    address = f"203.0.113.{number + 1}"
    return {"X-Forwarded-For": address, "X-Real-IP": address, "Forwarded": f"for={address}"}


@pytest.mark.requirement("auth.login-throttled")
@pytest.mark.usefixtures("fresh_windows")
def test_guessing_is_throttled_and_the_owner_is_not_locked_out_for_good(
    accounts: Accounts, client: httpx.Client, control: Control
) -> None:
    """Within a hundred wrong passwords comes a 429 with Retry-After, and after it the owner gets in."""
    account = accounts()
    throttled = None
    for number in range(_MOST_GUESSES + 1):
        name = account.email if number % 2 else account.email.upper()
        answer, _ = attempt(client, name, f"wrong pass phrase {number}", disguise(number))
        expect_status(answer, 400, 401, 403, 429, when=f"with wrong password {number + 1}")
        if answer.status_code == 429:
            throttled = answer
            break

    assert throttled is not None, f"{_MOST_GUESSES + 1} wrong passwords in a row were evaluated"
    wait = throttled.headers.get("retry-after", "")
    assert wait.isdigit(), f"the 429 says Retry-After {wait!r}, not a number of seconds"
    assert int(wait) <= _LONGEST_LOCK_OUT, f"the owner is locked out for {wait} s"
    control.advance(int(wait) + 1)
    expect_status(attempt(client, account.email, account.password)[0], 200, when="by the owner, later")
