"""The front door tells nothing of who has a key, takes no bad one, and does not let anybody try for ever.

Accounts are ours: registered for the purpose, or ones that do not exist. No password of a real one is tried
more than once.
"""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import skeleton
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.entering import Account, FrontDoor, new_name, new_password
from harness.layers.scenarios.people import people
from harness.layers.scenarios.samples import CannotSample
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import Entrance, registrations

_MOST_GUESSES = 101
_GUESSING_SECONDS = 80.0
#: The first ones go alone: what one takes has to be known, and a delay that grows shows best.
_ALONE, _WIDTH = 6, 8
_THROTTLED = frozenset({423, 429, 503})
#: How a name that nobody has may be told, where one that somebody has is refused.
_NOBODY = frozenset({404, 410})
_SHORT = "Zq7!x"
_COMMON = ("password1", "1234567890", "qwertyuiop", "passwordpassword")


@pytest.fixture
def account(
    door: FrontDoor,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    target: ScenarioContext,
) -> Account | None:
    """An account of our own, where anybody may register."""
    for entrance in registrations(operations, document):
        if entrance.operation.subject not in target.never:
            try:
                return door.register(entrance)
            except CannotSample:
                return None
    return None


def check_password(door: FrontDoor, registration: Entrance, password: str, what: str) -> None:
    """A registration is refused that a good password would have made."""
    answer = door.send(registration, new_name(registration), password)
    if answer.status_code in _THROTTLED:
        raise Inconclusive("throttled", f"{registration.operation.subject} answered {answer.status_code}.")
    assert not answer.is_success, (
        f"{registration.operation.subject} answered {answer.status_code} to {what}: {password!r}"
    )


@pytest.mark.requirement("security.short-passwords-refused")
@pytest.mark.writes
@pytest.mark.depth("standard")
def test_a_short_password_is_refused(door: FrontDoor, registration: Entrance) -> None:
    """A password of five characters makes no account; a long one does."""
    check_good_password(door, registration)
    check_password(door, registration, _SHORT, "a password of five characters")


@pytest.mark.requirement("security.common-passwords-refused")
@pytest.mark.writes
@pytest.mark.depth("standard")
def test_a_common_password_is_refused(door: FrontDoor, registration: Entrance) -> None:
    """A password from the head of every list makes no account; one that nobody has does."""
    check_good_password(door, registration)
    for password in _COMMON:
        check_password(door, registration, password, "one of the most common passwords")


def check_good_password(door: FrontDoor, registration: Entrance) -> None:
    """Without an account that can be made, a refusal shows nothing; nor does taking where all is taken."""
    nowhere = door.client.post(f"{door.prefix}{registration.operation.path.rstrip('/')}-7f3a9c", json={})
    if nowhere.is_success:
        raise Inconclusive("takes-everything", "A path that nobody declared takes a registration, too.")
    if door.register(registration) is None:
        raise Inconclusive("cannot-register", "No account could be made with a long and random password.")


@pytest.mark.requirement("security.accounts-not-enumerable")
@pytest.mark.writes
def test_a_failed_login_does_not_tell_whether_the_name_is_known(
    door: FrontDoor, login: Entrance, account: Account | None, target: ScenarioContext
) -> None:
    """A wrong password for a name that exists is answered as for one that does not."""
    known = (
        account.username if account else next((each.username for each in people(target) if each.username), "")
    )
    if not known:
        raise Inconclusive("no-known-name", "No account could be made, and no identity has a user name.")
    first, second = new_name(login), new_name(login)
    told = shown(door, login, known)
    unknown = [shown(door, login, name, is_known=False) for name in (first, second)]
    if unknown[0] != unknown[1]:
        raise Inconclusive("answers-differ", "Two names that do not exist are answered differently already.")
    assert told == unknown[0], (
        f"{login.operation.subject} answers a known name with {told[:200]!r} and an unknown one with "
        f"{unknown[0][:200]!r}"
    )


def shown(door: FrontDoor, login: Entrance, name: str, *, is_known: bool = True) -> str:
    """Return what a wrong password for a name is answered with, without the name."""
    answer = door.send(login, name, password := new_password())
    if is_known or answer.status_code not in _NOBODY:
        check_refusal(answer, login)
    return skeleton(answer, name, password)


def check_refusal(answer: httpx.Response, login: Entrance) -> None:
    """Only an answer that weighed the password says something of it."""
    if answer.status_code not in {400, 401, 403, 409, 422}:
        raise Inconclusive("no-refusal", f"{login.operation.subject} answered {answer.status_code}.")


@pytest.mark.requirement("security.guessing-throttled")
@pytest.mark.writes
@pytest.mark.depth("standard")
@pytest.mark.timeout(110)  # a good hash takes its time, and a hundred have to be tried
@pytest.mark.usefixtures("last_of_the_pack")
def test_wrong_passwords_are_throttled(door: FrontDoor, login: Entrance, account: Account | None) -> None:
    """Within a hundred wrong passwords for one name comes a refusal to go on, or ever longer delays."""
    name = account.username if account else new_name(login)
    guesses = Guesses(door=door, login=login, name=name)
    check_refusal(guesses.guess(1), login)
    while len(guesses.told) < _MOST_GUESSES:
        if guesses.spent > _GUESSING_SECONDS:
            spent = f"{len(guesses.told)} wrong passwords took {guesses.spent:.0f} s."
            raise Inconclusive("out-of-time", spent)
        answer = guesses.guess(min(guesses.width, _MOST_GUESSES - len(guesses.told)))
        if answer.status_code in _THROTTLED or is_slowed(guesses.seconds) or is_changed(guesses.told):
            return
        check_refusal(answer, login)
    raise AssertionError(
        f"{login.operation.subject} went on evaluating {_MOST_GUESSES} wrong passwords in a row for one name"
    )


@dataclass(slots=True, kw_only=True)
class Guesses:
    """Wrong passwords for one name; `seconds` is what one took of the clock, several at a time or not."""

    door: FrontDoor
    login: Entrance
    name: str
    seconds: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def spent(self) -> float:
        """How long all of them took."""
        return sum(self.seconds)

    @property
    def width(self) -> int:
        """How many at a time: several where one by one would take too long, as a guesser would."""
        is_slow = median(self.seconds) * _MOST_GUESSES > _GUESSING_SECONDS
        return _WIDTH if is_slow and len(self.told) >= _ALONE else 1

    def guess(self, count: int) -> httpx.Response:
        """Send some; return the first answer that is a throttle, or the last."""
        passwords = [new_password() for _ in range(count)]
        started = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            answers = list(pool.map(lambda each: self.door.send(self.login, self.name, each), passwords))
        self.seconds += [(time.perf_counter() - started) / count] * count
        self.told += [skeleton(each, self.name, one) for each, one in zip(answers, passwords, strict=True)]
        return next((each for each in answers if each.status_code in _THROTTLED), answers[-1])


def is_slowed(seconds: list[float]) -> bool:
    """Whether the last answers took much longer than the first."""
    return len(seconds) >= 8 and median(seconds[-3:]) > max(5 * median(seconds[:3]), 0.5)


def is_changed(told: list[str]) -> bool:
    """Whether the name is refused with other words by now, and steadily."""
    return len(told) > 6 and len(set(told[-3:])) == 1 and told[-1] not in told[:3]
