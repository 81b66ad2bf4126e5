"""Rate limits: the surplus is refused with a wait that is true, and budgets follow whoever asks."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest

from harness.layers.scenarios.core_profile import Accounts
from harness.layers.scenarios.doors import Control
from harness.layers.scenarios.expect import asked, expect_status, json_of
from harness.layers.scenarios.fixtures import Judged
from harness.layers.scenarios.signals import Inconclusive

_BUDGET = re.compile(r'"([^"]+)";r=(\d+)')
_RESET = re.compile(r";t=(\d+)")
_SHORTEST_WINDOW = 30.0  # seconds, where a target does not say when its budgets are renewed
_MOST_REQUESTS = 1000
_LONGEST_WAIT = 24 * 3600

pytestmark = pytest.mark.usefixtures("fresh_windows")


def budgets(answer: httpx.Response) -> Mapping[str, int]:
    """Return what is left by the name of each budget, as the RateLimit header says."""
    found = {name: int(left) for name, left in _BUDGET.findall(answer.headers.get("ratelimit", ""))}
    if not found:
        raise Inconclusive("no-ratelimit-header", f"{asked(answer)} carries no RateLimit header.")
    return found


def renewal(answer: httpx.Response) -> float:
    """Return after how many seconds the first of the budgets is renewed."""
    return min(map(float, _RESET.findall(answer.headers.get("ratelimit", ""))), default=_SHORTEST_WINDOW)


def check_in_time(control: Control, until: float) -> None:
    """What was counted over the end of a window shows nothing."""
    if control.elapsed() >= until:
        raise Inconclusive("window-passed", "Budgets were renewed before all requests were answered.")


def waiting(answer: httpx.Response, now: datetime) -> float:
    """Return the seconds of a Retry-After, which are a number or a date (RFC 9110 10.2.3)."""
    given = answer.headers.get("retry-after", "")
    if given.isdigit():
        return float(given)
    try:
        return (parsedate_to_datetime(given) - now).total_seconds()
    except ValueError:
        raise AssertionError(f"{asked(answer)} answered 429 with Retry-After {given!r}") from None


def guess(client: httpx.Client, **headers: str) -> httpx.Response:
    """Present a refresh token that nobody has: what limits guessing counts it."""
    return client.post("/auth/refresh", json={"refresh_token": "nobodys"}, headers=headers)


@pytest.mark.depth("standard")
@pytest.mark.requirement(
    "security.rate-limit-enforced", "surplus refused", "wait named", "served after the wait"
)
def test_the_surplus_is_refused_until_the_wait_is_over(
    client: httpx.Client, control: Control, judged: Judged
) -> None:
    """What exceeds the smallest budget is answered 429, which says how long to wait, and that is true."""
    started, first = control.elapsed(), guess(client)
    left, until = min(budgets(first).values()), started + renewal(first)
    if left > _MOST_REQUESTS:
        raise Inconclusive("budget-too-large", f"The smallest budget has {left} requests left.")
    refused = None
    with judged("surplus refused"):
        answers = [guess(client) for _ in range(left + 5)]
        refused = next((each for each in answers if each.status_code == 429), None)
        check_in_time(control, until)
        assert refused is not None, f"{left} requests were left, and {left + 5} more were all evaluated"
        served = [each.status_code for each in answers].index(429)
        assert served >= left, f"{left} requests were left, and number {served + 1} was refused"
    if refused is None:
        return  # there is no wait to be read; what was planned and not judged is inconclusive
    wait = 60.0
    with judged("wait named"):
        wait = waiting(refused, datetime.fromisoformat(json_of(control.describe())["clock"]["now"]))
        assert 0 <= wait <= _LONGEST_WAIT, f"the 429 asks to wait {wait:g} s"
    with judged("served after the wait"):
        control.advance(wait + 1)
        expect_status(guess(client), 400, 401, when="after the wait that the 429 named")


@pytest.mark.requirement("security.rate-limit-follows-caller", "own budget", "claimed address")
def test_budgets_follow_whoever_asks(
    accounts: Accounts, client: httpx.Client, control: Control, judged: Judged
) -> None:
    """One user's requests leave another's budget alone, and a claimed address brings no new budget."""
    with judged("own budget"):
        busy, quiet = accounts().client, accounts().client
        started, first = control.elapsed(), quiet.get("/auth/me")
        before = budgets(first)
        for _ in range(20):
            busy.get("/auth/me")
        after, spent = budgets(quiet.get("/auth/me")), budgets(busy.get("/auth/me"))
        check_in_time(control, started + renewal(first))
        shared = {
            name: before[name] - after.get(name, 0)
            for name in before
            if before[name] - after.get(name, 0) > 15
        }
        assert not shared, f"twenty requests of one user took {shared} from another's budget"
        assert any(spent[name] < after.get(name, 0) for name in spent), (
            f"twenty requests left {spent} to the one who sent them and {after} to somebody else"
        )
    with judged("claimed address"):
        started, first = control.elapsed(), guess(client)
        plain = budgets(first)
        for number in range(5):
            address = f"203.0.113.{number + 1}"
            claimed = {"X-Forwarded-For": address, "X-Real-IP": address, "Forwarded": f"for={address}"}
            now = budgets(guess(client, **claimed))
            fresh = {name for name in now if now[name] >= plain.get(name, 0)}
            check_in_time(control, started + renewal(first))
            assert not fresh, f"claiming to be {address} brings a new budget: {now} after {plain}"
            plain = now
