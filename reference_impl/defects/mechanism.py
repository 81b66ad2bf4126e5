"""What a defect is, how the defect files are found, and how chosen ones are switched on.

DefectError
├── DuplicateDefect    two files claim one id
├── UnknownDefect      a name in CORE_DEFECTS that no file has
├── NoTwin             `x:twin` asked of a defect without one
└── DefectsForbidden   CORE_DEFECTS without CORE_CONTROL=on
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from types import ModuleType

from reference_impl.kit.policies import Apply, Policies

#: Modules here that are no defect: this one, and what several defects share.
SHARED = frozenset({
    "acceptance", "documents", "heads", "issuers", "mechanism", "messages", "pages", "passwords",
    "permissions", "problems", "redis_commands", "rewriting",
})  # fmt: skip
_TWIN = ":twin"


class DefectError(Exception):
    """The defects asked for cannot be switched on."""


class DuplicateDefect(DefectError):
    def __init__(self, identity: str) -> None:
        super().__init__(f"two defect files have the id {identity!r}; ids are unique")
        self.id = identity


class UnknownDefect(DefectError):
    def __init__(self, identity: str, known: Sequence[str]) -> None:
        super().__init__(
            f"CORE_DEFECTS names {identity!r}, which no file has; known: {', '.join(known) or 'none'}"
        )
        self.id = identity


class NoTwin(DefectError):
    def __init__(self, identity: str) -> None:
        super().__init__(f"defect {identity!r} has no clean twin; ask for it without ':twin'")
        self.id = identity


class DefectsForbidden(DefectError):
    def __init__(self) -> None:
        super().__init__(
            "CORE_DEFECTS is set but CORE_CONTROL is not on; a real deployment carries no defects"
        )


class DefectNotApplied(DefectError):
    def __init__(self, identity: str) -> None:
        super().__init__(f"defect {identity!r} names a policy that no service took; it would prove nothing")
        self.id = identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One way to be wrong: what it breaks, and how it takes the place of a policy."""

    id: str
    breaks: tuple[str, ...]
    family: str
    title: str
    apply: Apply
    twin: Apply | None = None


class Counters:
    """Counts of one defect in this process that nobody has collected yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._reached = 0
        self._triggered = 0

    def reached(self) -> None:
        with self._lock:
            self._reached += 1

    def triggered(self) -> None:
        with self._lock:
            self._triggered += 1

    def take(self) -> tuple[int, int]:
        """Hand over the counts and start again at nothing."""
        with self._lock:
            counts = self._reached, self._triggered
            self._reached = self._triggered = 0
            return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """A defect (or its twin) that this process runs with."""

    id: str
    defect: Defect
    counters: Counters


def discover(package: ModuleType) -> Mapping[str, Defect]:
    """Import every module of the package and return its DEFECT constants by id."""
    found: dict[str, Defect] = {}
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.ispkg or module.name.rpartition(".")[2] in SHARED:
            continue
        defect = getattr(importlib.import_module(module.name), "DEFECT", None)
        if not isinstance(defect, Defect):
            raise DefectError(f"{module.name} exports no DEFECT; every file here is one defect")
        if defect.id in found:
            raise DuplicateDefect(defect.id)
        found[defect.id] = defect
    return found


def seed(
    names: Sequence[str], policies: Policies, known: Mapping[str, Defect], *, control: bool
) -> tuple[Seeded, ...]:
    """Switch on what is named, before the services are put together."""
    if names and not control:
        raise DefectsForbidden
    return tuple(_seed_one(name, policies, known) for name in dict.fromkeys(names))


def _seed_one(name: str, policies: Policies, known: Mapping[str, Defect]) -> Seeded:
    identity = name.removesuffix(_TWIN)
    if identity not in known:
        raise UnknownDefect(identity, sorted(known))
    defect = known[identity]
    counters = Counters()
    policies.change(name, _chosen(defect, twin=name.endswith(_TWIN)), counters)
    return Seeded(id=name, defect=defect, counters=counters)


def _chosen(defect: Defect, *, twin: bool) -> Callable[..., None]:
    if not twin:
        return defect.apply
    if defect.twin is None:
        raise NoTwin(defect.id)
    return defect.twin


def guard(seeded: Sequence[Seeded], policies: Policies) -> None:
    """Refuse to start when a service does not really hold what a defect put in place."""
    for one in seeded:
        if not policies.applied(one.id):
            raise DefectNotApplied(one.id)
