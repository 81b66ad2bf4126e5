"""The named decisions of the services, and how a seeded defect takes the place of one.

A service registers its default under a name and asks for it back when it is put together. What it gets
is the default, or what a defect put in its place; it cannot tell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class PolicyError(Exception):
    """A policy is named twice, or not known."""


class UnknownPolicy(PolicyError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no policy is named {name!r}; known: {', '.join(sorted(known)) or 'none'}")
        self.name = name


class DuplicatePolicy(PolicyError):
    def __init__(self, name: str) -> None:
        super().__init__(f"policy {name!r} is registered twice; every decision has one owner")
        self.name = name


class Probe(Protocol):
    """What a defect reports to: its path ran; its wrong behaviour left the process."""

    def reached(self) -> None: ...
    def triggered(self) -> None: ...


class PolicyTable(Protocol):
    """What a defect sees of the registry."""

    def __getitem__(self, name: str) -> Any: ...
    def replace(self, name: str, policy: object) -> None: ...


Apply = Callable[[PolicyTable, Probe], None]


@dataclass(slots=True)
class _Change:
    """One replacement to be made as soon as every policy it names is there."""

    id: str
    apply: Apply
    probe: Probe
    replaced: dict[str, object] = field(default_factory=dict)


class _Draft:
    """A view on the table in which a change is tried; kept only when it succeeds."""

    def __init__(self, current: Mapping[str, object]) -> None:
        self._current = current
        self.replaced: dict[str, object] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self.replaced:
            return self.replaced[name]
        if name not in self._current:
            raise UnknownPolicy(name, tuple(self._current))
        return self._current[name]

    def replace(self, name: str, policy: object) -> None:
        if name not in self._current:
            raise UnknownPolicy(name, tuple(self._current))
        self.replaced[name] = policy


class Policies:
    """The registry. Replacements wait until the policy they need is registered, so order does not matter."""

    def __init__(self) -> None:
        self._table: dict[str, object] = {}
        self._handed_out: dict[str, object] = {}
        self._replacements: dict[str, list[object]] = {}
        self._pending: list[_Change] = []
        self._done: list[_Change] = []

    def register(self, name: str, policy: object) -> None:
        """Name a default; changes that waited for it take place now."""
        if name in self._table:
            raise DuplicatePolicy(name)
        self._table[name] = policy
        self._settle()

    def __getitem__(self, name: str) -> Any:
        """Hand out the policy in force."""
        if name not in self._table:
            raise UnknownPolicy(name, tuple(self._table))
        self._handed_out[name] = self._table[name]
        return self._table[name]

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._table))

    def replace(self, name: str, policy: object) -> None:
        """Put another policy in place at once; for tests and experiments."""
        if name not in self._table:
            raise UnknownPolicy(name, tuple(self._table))
        self._table[name] = policy

    def change(self, identity: str, apply: Apply, probe: Probe) -> None:
        """Let `apply` replace policies as soon as all that it names are registered."""
        self._pending.append(_Change(id=identity, apply=apply, probe=probe))
        self._settle()

    def applied(self, identity: str) -> bool:
        """Say whether the service that took the policy really holds what this change put there."""
        change = next((change for change in self._done if change.id == identity), None)
        return change is not None and all(
            self._holds(name, policy) for name, policy in change.replaced.items()
        )

    def _holds(self, name: str, policy: object) -> bool:
        """The newest replacement was handed out, and this one is it or lies under it."""
        mine = any(replacement is policy for replacement in self._replacements.get(name, ()))
        return mine and self._handed_out.get(name) is self._table[name]

    def _settle(self) -> None:
        waiting = []
        for change in self._pending:
            draft = _Draft(self._table)
            try:
                change.apply(draft, change.probe)
            except UnknownPolicy:
                waiting.append(change)
                continue
            change.replaced = draft.replaced
            self._table |= draft.replaced
            for name, policy in draft.replaced.items():
                self._replacements.setdefault(name, []).append(policy)
            self._done.append(change)
        self._pending = waiting
