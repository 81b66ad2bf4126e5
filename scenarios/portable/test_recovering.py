"""Registration and recovery do not tell a stranger whose accounts exist (OWASP WSTG-IDNT-04).

The account asked about is ours. A handle that people choose cannot be taken twice, and has to be told; nor is
a refusal judged that the document announces: then it is how the service was meant to be.
"""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.answers import skeleton
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.entering import Account, FrontDoor, new_name, new_password
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import Entrance, recoveries

_SILENT = frozenset({401, 423, 429})


@pytest.mark.requirement("security.recoveries-not-enumerable")
@pytest.mark.needs("recovery")
@pytest.mark.writes
def test_a_recovery_does_not_tell_whether_the_name_is_known(
    door: FrontDoor,
    own_account: Account,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    target: ScenarioContext,
) -> None:
    """Asking for a new password is answered for a name that exists as for one that does not."""
    judged = 0
    for recovery in recoveries(operations, document):
        if recovery.operation.subject in target.never or is_unfit(recovery, own_account):
            continue
        told, *unknown = (
            asked(door, recovery, name)
            for name in (own_account.username, new_name(recovery), new_name(recovery))
        )
        if unknown[0] != unknown[1] or not told.startswith("2"):
            continue
        judged += 1
        assert told == unknown[0], (
            f"{recovery.operation.subject} answers a known name with {told[:200]!r} and an unknown one with "
            f"{unknown[0][:200]!r}"
        )
    if not judged:
        raise Inconclusive("recovery-refused", "No recovery took the name of an account of ours.")


@pytest.mark.requirement("security.registrations-not-enumerable")
@pytest.mark.needs("registration")
@pytest.mark.writes
def test_a_registration_does_not_tell_whether_an_address_is_known(
    door: FrontDoor, registration: Entrance, own_account: Account
) -> None:
    """Registering an address that has an account is answered as registering one that has none."""
    if "mail" not in registration.username.lower():
        raise Inconclusive("names-are-chosen", "People register by a name they choose: a taken one is told.")
    answer = door.send(registration, own_account.username, password := new_password())
    check_told(answer, registration)
    is_refused = 400 <= answer.status_code < 500
    if is_refused and str(answer.status_code) in registration.operation.responses:
        raise Inconclusive(
            "told-by-design",
            f"The document announces {answer.status_code}, which a known address is answered with.",
        )
    told = skeleton(answer, own_account.username, password)
    name, password = new_name(registration), new_password()
    unknown = skeleton(door.send(registration, name, password), name, password)
    assert told == unknown, (
        f"{registration.operation.subject} answers a known address with {told[:200]!r} and an unknown one "
        f"with {unknown[:200]!r}"
    )


def is_unfit(recovery: Entrance, account: Account) -> bool:
    """Whether an address is asked for where our account has a plain name."""
    return "mail" in recovery.username.lower() and "@" not in account.username


def asked(door: FrontDoor, recovery: Entrance, name: str) -> str:
    """Return what asking for a new password shows, without the name."""
    answer = door.send(recovery, name, "")
    check_told(answer, recovery)
    return skeleton(answer, name)


def check_told(answer: httpx.Response, entrance: Entrance) -> None:
    """Only an answer to the name says something of it."""
    if answer.status_code in _SILENT or answer.status_code >= 500:
        raise Inconclusive("no-answer", f"{entrance.operation.subject} answered {answer.status_code}.")
