"""What the document declares secured does not answer without valid credentials."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.fixtures import Clients, Judged
from harness.layers.scenarios.people import people
from harness.layers.scenarios.samples import CannotSample, valid_body
from harness.layers.scenarios.signals import Inconclusive
from harness.layers.scenarios.slots import address

_PathOf = Callable[[Operation], str]
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_WRONG = {
    "an unknown bearer token": "Bearer not-a-token-7f3a9c",
    "a scheme without a token": "Bearer",
    "credentials of another scheme": "Basic bm9ib2R5Om5vdGhpbmc=",
}


def secured(operations: Iterable[Operation], *, reading: bool) -> list[Operation]:
    """Return the declared operations that need credentials and that read (or that write)."""
    chosen = [each for each in operations if each.is_secured and (each.method in _READING) is reading]
    if not chosen:
        raise Inconclusive(
            "no-secured-operations", "The document declares no secured operation of this kind."
        )
    return chosen


def check_refused(answer: httpx.Response, given: str) -> None:
    """Only 401 and 403 show that credentials were asked for; another refusal shows nothing."""
    where = f"{answer.request.method} {answer.request.url.path} with {given}"
    assert answer.status_code >= 400, f"{where} answered {answer.status_code}"
    if answer.status_code not in {401, 403}:
        raise Inconclusive(
            "refused-for-another-reason", f"{where} answered {answer.status_code}: not told apart."
        )


@pytest.mark.requirement("security.authentication-enforced")
def test_a_read_without_credentials_is_refused(
    client: httpx.Client, operations: tuple[Operation, ...], seen_path_of: _PathOf, judged: Judged
) -> None:
    """A secured operation refuses a request without credentials with 401 or 403."""
    for operation in secured(operations, reading=True):
        with judged(operation.subject):
            check_refused(client.request(operation.method, seen_path_of(operation)), "no credentials")


@pytest.mark.requirement("security.authentication-enforced")
def test_a_read_with_credentials_that_mean_nothing_is_refused(
    *,
    target: ScenarioContext,
    clients: Clients,
    operations: tuple[Operation, ...],
    seen_path_of: _PathOf,
    judged: Judged,
) -> None:
    """A secured operation refuses unknown, empty, foreign and corrupted credentials with 401 or 403."""
    meaningless = {given: clients({"Authorization": value}) for given, value in _WRONG.items()}
    spoilt = {}
    for who in people(target)[:1]:
        spoilt["a real token with one character changed"] = clients(corrupted(who.headers))
    for operation in secured(operations, reading=True):
        # a target that does not look at the changed character takes it for the real one
        chosen = meaningless if target.withholds(operation) else meaningless | spoilt
        with judged(operation.subject):
            for given, client in chosen.items():
                check_refused(client.request(operation.method, seen_path_of(operation)), given)


@pytest.mark.requirement("security.authentication-enforced")
@pytest.mark.writes
def test_a_write_without_credentials_is_refused(
    *,
    client: httpx.Client,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    target: ScenarioContext,
    judged: Judged,
) -> None:
    """A secured operation that writes refuses a request without credentials with 401 or 403."""
    for operation in secured(operations, reading=False):
        path = address(operation, document, prefix=target.path_prefix, is_absent=operation.method == "DELETE")
        with judged(operation.subject):
            check_refused(
                client.request(operation.method, path, json=body_for(operation, document)), "no credentials"
            )


def body_for(operation: Operation, document: Mapping[str, Any]) -> Any:
    """Return a body that would be taken, so that it is not what the refusal is about."""
    try:
        return valid_body(operation, document)
    except CannotSample:
        return {}


def corrupted(headers: Mapping[str, str]) -> dict[str, str]:
    """Change one character well inside the last part of every credential."""

    def spoil(value: str) -> str:
        at = max(len(value) - 8, 0)
        return value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :]

    return {name: spoil(value) for name, value in headers.items()}
