"""What a judge is: a pure function from recorded exchanges to findings, with a good and a bad example."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.core.exchange import Exchange
from harness.core.finding import Finding
from harness.core.operation import Operations


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """All a judge may know, live or years later: the exchanges and what the target declared then.

    Exchanges during which a fault was injected are left out before a judge sees them, unless the judge asks
    for them with `sees_faults`. Operations are left out when the document's address for them is plainly
    wrong, unless the judge asks for them with `sees_misplaced`. `dependencies` are the names that the target
    file gives to what stands behind it.
    """

    exchanges: Sequence[Exchange]
    operations: Operations
    openapi: Mapping[str, Any] | None
    base_url: str
    dependencies: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Export one of these as JUDGE; `good` and `bad` are shown to it before every run (its canary).

    `judges_absence`: a fail is about what nobody saw, and no exchange that it names shows it.
    `bad` must give a fail on every requirement it names, `good` a pass, and an empty record nothing at all.
    """

    id: str
    requirements: tuple[str, ...]
    judge: Callable[[Recorded], Iterator[Finding]]
    good: Recorded
    bad: Recorded
    sees_faults: bool = False
    sees_misplaced: bool = False
    judges_absence: bool = False
