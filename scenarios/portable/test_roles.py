"""What the document reserves for administrators, or for a scope, is refused to everybody else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import httpx
import pytest

from harness.core.operation import Operation
from harness.layers.scenarios.context import Credentials, ScenarioContext
from harness.layers.scenarios.fixtures import Clients
from harness.layers.scenarios.guarded import guarded_reads
from harness.layers.scenarios.making import Maker
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.people import ordinary, people, token_of
from harness.layers.scenarios.samples import CannotSample, valid_body
from harness.layers.scenarios.signals import Inconclusive
from harness.layers.scenarios.slots import address
from harness.layers.scenarios.tokens import Token
from harness.target.surface import admin_operations, resources

_REFUSED = frozenset({401, 403})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@pytest.mark.requirement("security.roles-enforced")
def test_what_is_reserved_is_refused_to_others(
    *,
    target: ScenarioContext,
    operations: tuple[Operation, ...],
    document: Mapping[str, Any],
    path_of: Callable[[Operation], str],
    clients: Clients,
    client: httpx.Client,
    maker: Maker,
    pace: Pace,
) -> None:
    """Operations marked for administrators, a role or a scope answer 403 to people without it."""
    lower = next(iter(ordinary(people(target))), None)
    if lower is None:
        raise Inconclusive(
            "no-ordinary-identity", "It takes an identity whose `role` is stated and is no administrator's."
        )
    acting = clients(lower.headers, identity=lower.name)
    guarded_reads(operations, path_of, signed_in=acting, anonymous=client, pace=pace, most=1)
    refused = 0
    above = [clients(each.headers, identity=each.name) for each in people(target) if each.role != lower.role]
    for operation in pace.some(reserved(operations, lower, target)):
        if is_withheld(operation, target):
            continue
        name = name_for(operation, above, maker) if target.is_launched else ""
        answer = call(operation, acting, document, target, pace, name=name)
        assert not answer.is_success, (
            f"{operation.subject} is reserved ({why(operation)}) and answered {answer.status_code} to "
            f"{lower.name}, whose role is {lower.role!r}"
        )
        refused += answer.status_code in _REFUSED
    if not refused:
        raise Inconclusive("nothing-refused", "No reserved operation came as far as looking at the role.")


def reserved(
    operations: Sequence[Operation], who: Credentials, target: ScenarioContext
) -> Iterable[Operation]:
    """Return what is marked for administrators or other roles, and what asks for a scope that is not held."""
    marked = {each.subject for each in admin_operations(operations)}
    marked |= {
        subject for role, subjects in target.reserved.items() if role != who.role for subject in subjects
    }
    marked -= set(target.reserved.get(who.role, ()))
    held = scopes_of(who)
    return (
        each
        for each in operations
        if each.subject in marked or (held is not None and each.scopes and not set(each.scopes) & held)
    )


def scopes_of(who: Credentials) -> frozenset[str] | None:
    """Return the scopes that a JWT names; None where it names none or is no JWT."""
    try:
        payload = Token.parse(token_of(who)).payload
    except ValueError:
        return None
    scope = payload.get("scope", payload.get("scp", payload.get("scopes")))
    if scope is None:
        return None
    return frozenset(scope.split() if isinstance(scope, str) else map(str, scope))


def is_withheld(operation: Operation, target: ScenarioContext) -> bool:
    """Whether it must not be sent: a write without consent, or one that was named."""
    is_write = operation.method not in _READING
    return (is_write and not target.may_write) or target.withholds(operation)


def name_for(operation: Operation, above: Sequence[httpx.Client], maker: Maker) -> str:
    """Return the name of an object made for a write, with consent: a 404 tells nothing of roles."""
    if operation.method in _READING or operation.path.count("{") != 1 or not maker.target.may_write:
        return ""
    for resource in resources(maker.target.operations):
        if operation.path.startswith(resource.read.path.rstrip("/")):
            found = next(filter(None, (maker.make(resource, each) for each in above)), None)
            return "" if found is None else found.name
    return ""


def call(
    operation: Operation,
    client: httpx.Client,
    document: Mapping[str, Any],
    target: ScenarioContext,
    pace: Pace,
    *,
    name: str = "",
) -> httpx.Response:
    """Call it; a write names an object that was made for it, or one that nobody has."""
    is_write = operation.method not in _READING
    parameter = operation.path.partition("{")[2].partition("}")[0]
    path = address(
        operation,
        document,
        prefix=target.path_prefix,
        values={parameter: name} if name else {},
        is_absent=is_write,
    )
    try:
        content = {"json": valid_body(operation, document)} if is_write else {}
    except CannotSample:
        content = {}
    return pace.ask(client, operation.method, path, **content)


def why(operation: Operation) -> str:
    """Return what reserves an operation."""
    return ", ".join((*operation.scopes, *operation.tags)) or f"{operation.path}, by the target file"
