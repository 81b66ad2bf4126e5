"""Whom a scenario may act as: the identities of the target file, by what they may do to one another."""

import re
from collections.abc import Iterable

from harness.layers.scenarios.context import Credentials, ScenarioContext
from harness.layers.scenarios.signals import Inconclusive

#: An identity of this role carries a credential that was good once; it must be refused everywhere.
EXPIRED = "expired"

_MIGHTY = re.compile(r"(?i)admin|root|super|staff|operator|manager|owner")


def people(target: ScenarioContext) -> tuple[Credentials, ...]:
    """Return everybody whose credential should work."""
    return tuple(each for each in target.sessions.values() if each.role != EXPIRED)


def somebody(target: ScenarioContext) -> Credentials:
    """Return the first identity."""
    for each in people(target):
        return each
    raise Inconclusive("no-identity", "The target file names no identity that can sign in.")


def equals(target: ScenarioContext) -> tuple[Credentials, Credentials]:
    """Return two people of whom the second has no right to what is the first one's."""
    present = people(target)
    for owner in present:
        for other in present:
            if _is_somebody_else(owner, other) and (owner.role == other.role or is_mightier(owner, other)):
                return owner, other
    raise Inconclusive(
        "no-second-identity", "It takes two identities of one role in the target file, and two people."
    )


def mighty(target: ScenarioContext) -> Credentials | None:
    """Return an administrator among the identities."""
    return next((each for each in people(target) if _MIGHTY.search(each.role)), None)


def ordinary(everybody: Iterable[Credentials]) -> tuple[Credentials, ...]:
    """Return those whose role is stated and is no administrator's."""
    return tuple(each for each in everybody if each.role and not _MIGHTY.search(each.role))


def is_mightier(one: Credentials, other: Credentials) -> bool:
    """Whether the first is an administrator and the second, by a stated role, is not."""
    return bool(_MIGHTY.search(one.role) and other.role and not _MIGHTY.search(other.role))


def token_of(who: Credentials) -> str:
    """Return the bare credential, without the word for its scheme."""
    return next((value.rpartition(" ")[2] for value in who.headers.values()), "")


def with_token(who: Credentials, token: str) -> dict[str, str]:
    """Return the headers with another credential in the place of the real one."""
    real = token_of(who)
    return {name: value.replace(real, token) for name, value in who.headers.items()}


def _is_somebody_else(one: Credentials, other: Credentials) -> bool:
    if one.name == other.name or dict(one.headers) == dict(other.headers):
        return False
    known = {(one.username or one.subject), (other.username or other.subject)}
    return len(known) == 2 or known == {""}
