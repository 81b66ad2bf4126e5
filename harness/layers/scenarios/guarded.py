"""A read that a real credential opens and none does not: without one nothing is learnt of credentials."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import httpx

from harness.core.operation import Operation
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import ends_credential

_REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """An operation with its answers to the credential and to none."""

    operation: Operation
    path: str
    opened: httpx.Response
    closed: httpx.Response


def guarded_reads(
    operations: Iterable[Operation],
    path_of: Callable[[Operation], str],
    *,
    signed_in: httpx.Client,
    anonymous: httpx.Client,
    pace: Pace,
    most: int,
) -> Sequence[Guarded]:
    """Return up to `most`, those without parameters first; raises Inconclusive where there is none."""
    every = [each for each in operations if each.method == "GET" and not _is_stream(each)]
    # a document that secures nothing has forgotten to say; what is guarded shows in the answers
    reads = [each for each in every if each.is_secured] or every
    found: list[Guarded] = []
    for operation in pace.some(sorted(reads, key=lambda each: each.path.count("{"))):
        if ends_credential(operation):
            continue
        path = path_of(operation)
        opened = pace.ask(signed_in, "GET", path)
        if opened.status_code not in {200, 206}:
            continue
        closed = pace.ask(anonymous, "GET", path)
        if closed.status_code in _REFUSED:
            found.append(Guarded(operation=operation, path=path, opened=opened, closed=closed))
        if len(found) >= most:
            break
    if not found:
        raise Inconclusive(
            "no-guarded-read", "No declared read was found that a credential opens and none does not."
        )
    return found


def _is_stream(operation: Operation) -> bool:
    """A stream of events has no end that could be waited for."""
    return any("event-stream" in media_type for types in operation.responses.values() for media_type in types)
