"""Makes an object on the target as one person, so that it can be asked for as another."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of, members
from harness.layers.scenarios.context import Credentials, ScenarioContext
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.samples import CannotSample, valid_body
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import Resource

#: Statuses that say that something was made.
CREATED = frozenset({200, 201, 202})
_NAMES = ("id", "uuid", "_id", "key", "slug", "name")
_OWNER = re.compile(r"(?i)(owner|user|author|creator|created_by|account|customer)(_?(id|name|email))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An object that was made and read back; `shown` is what its maker sees of it."""

    resource: Resource
    path: str
    name: str
    shown: Any

    @property
    def words(self) -> str:
        """What it is, for people."""
        return f"the object made by {self.resource.create.subject}"

    @property
    def members(self) -> Mapping[str, Any]:
        """What its maker sees of it, by name."""
        return object_in(self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Makes objects; `number` gives a variant that nobody used before, `refused` says what was not taken."""

    target: ScenarioContext
    document: Mapping[str, Any]
    pace: Pace
    number: Callable[[], int]
    refused: list[str] = field(default_factory=list)

    def make(self, resource: Resource, client: httpx.Client) -> Made | None:
        """Create and read back; None where the target takes none of the bodies that the document allows."""
        taken = self.create(resource, client)
        return None if taken is None else self.read_back(resource, client, taken)

    def create(
        self, resource: Resource, client: httpx.Client, *, extra: Mapping[str, Any] | None = None
    ) -> httpx.Response | None:
        """Create, with more members than the document names; None where the target refuses."""
        return self.post(resource.create, client, extra=extra)

    def post(
        self, operation: Operation, client: httpx.Client, *, extra: Mapping[str, Any] | None = None
    ) -> httpx.Response | None:
        """Return the first answer that says that something was made; None where there is none."""
        if self.target.withholds(operation):
            return None
        for body in self._bodies(operation):
            answer = self.pace.ask(
                client, "POST", self.target.path_prefix + operation.path, json={**body, **(extra or {})}
            )
            if answer.status_code in CREATED:
                return answer
            self.refused.append(f"{operation.subject} answered {answer.status_code}")
            if answer.status_code in {401, 403, 404, 405, 415}:
                return None
        return None

    def taken(self, operation: Operation, client: httpx.Client) -> Mapping[str, Any]:
        """Return a body that a creation took; an empty one where it takes none."""
        for body in () if self.target.withholds(operation) else self._bodies(operation):
            path = self.target.path_prefix + operation.path
            if self.pace.ask(client, "POST", path, json=body).status_code in CREATED:
                return body
        return {}

    def _bodies(self, operation: Operation) -> Iterator[Mapping[str, Any]]:
        for variant, is_full in ((0, False), (self.number(), False), (0, True), (self.number(), True)):
            try:
                body = valid_body(operation, self.document, variant=variant, with_optional=is_full)
            except CannotSample:
                return
            if isinstance(body, Mapping):
                yield body

    def read_back(self, resource: Resource, client: httpx.Client, answer: httpx.Response) -> Made | None:
        """Return the object that an answer says was made; None where it cannot be read again."""
        for name in dict.fromkeys(identifiers(resource, answer)):
            path = self.path_of(resource.read, name)
            shown = self.pace.ask(client, "GET", path)
            if shown.status_code == 200:
                return Made(resource=resource, path=path, name=name, shown=body_of(shown))
        return None

    def body_of(self, operation: Operation) -> Mapping[str, Any]:
        """Return a body like nobody else's; an empty one where the document allows none."""
        try:
            body = valid_body(operation, self.document, variant=self.number(), with_optional=True)
        except CannotSample:
            return {}
        return body if isinstance(body, Mapping) else {}

    def path_of(self, operation: Operation, name: str) -> str:
        """Return the path of an operation on the object of a name."""
        return self.target.path_prefix + re.sub(r"\{[^{}]+\}", lambda _: quote(name, safe=""), operation.path)


def identifiers(resource: Resource, answer: httpx.Response) -> Iterator[str]:
    """Yield what may name the new object: from Location, then from the members that are called so."""
    location = urlsplit(answer.headers.get("location", "")).path.rstrip("/")
    stem = resource.create.path.rstrip("/").rpartition("/")[2]
    if location and stem and f"/{stem}/" in location:
        yield location.rpartition("/")[2]
    found = dict(reversed(list(members(body_of(answer)))))
    for name in (resource.parameter, _camel(resource.parameter), *_NAMES):
        value = found.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            yield str(value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(each.title() for each in rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """An object of an owner's, as the owner and as somebody else is answered."""

    made: Made
    owner: httpx.Client
    other: httpx.Client
    pace: Pace
    own_list: httpx.Response | None
    other_list: httpx.Response | None

    @classmethod
    def look(cls, made: Made, *, owner: httpx.Client, other: httpx.Client, maker: Maker) -> Self:
        """Read both lists; the other one's is missing where it is not answered."""
        collection = made.resource.collection
        path = "" if collection is None else maker.target.path_prefix + collection.path
        lists = [maker.pace.ask(each, "GET", path) if path else None for each in (owner, other)]
        own, others = (each if each is not None and each.status_code == 200 else None for each in lists)
        return cls(made=made, owner=owner, other=other, pace=maker.pace, own_list=own, other_list=others)

    @property
    def is_in_own_list(self) -> bool:
        """Whether its owner finds it in the list."""
        return self.own_list is not None and is_listed(self.own_list, self.made)

    @property
    def is_in_other_list(self) -> bool:
        """Whether somebody else finds it in the list."""
        return self.other_list is not None and is_listed(self.other_list, self.made)

    @property
    def is_private(self) -> bool:
        """Whether the list, which both may read, shows it to its owner alone.

        A list may be longer than its first page: one of which each sees another part is as good a sign.
        """
        if self.own_list is None or self.other_list is None or self.is_in_other_list:
            return False
        return self.is_in_own_list or _are_apart(self.own_list, self.other_list, self.made)

    def asked_by_other(self, method: str, **content: Any) -> httpx.Response:
        """Ask for the object as somebody else."""
        return self.pace.ask(self.other, method, self.made.path, **content)

    def seen_by_owner(self) -> httpx.Response:
        """Read the object as its owner."""
        return self.pace.ask(self.owner, "GET", self.made.path)


def is_listed(answer: httpx.Response, made: Made) -> bool:
    """Whether an answer holds the object: one with the same name in the same member."""
    names = {name for name, value in made.members.items() if str(value) == made.name}
    return any(
        str(node[name]) == made.name for node in _objects(body_of(answer)) for name in names & set(node)
    )


def _are_apart(own: httpx.Response, other: httpx.Response, made: Made) -> bool:
    """Whether the lists hold objects of this kind, and none of them in common."""
    names = [name for name, value in made.members.items() if str(value) == made.name]
    known = [
        {str(node[name]) for node in _objects(body_of(each)) for name in names if name in node}
        for each in (own, other)
    ]
    return bool(known[0]) and not known[0] & known[1]


def is_owned_by(made: Made, who: Credentials) -> bool:
    """Whether the object itself says that it is somebody's."""
    known = {each for each in (who.username, who.subject) if each}
    return any(_OWNER.fullmatch(name) and str(value) in known for name, value in made.members.items())


def object_in(shown: Any) -> Mapping[str, Any]:
    """Return the members of an object, out of the one envelope that some put around it."""
    if not isinstance(shown, dict):
        return {}
    for name in ("data", "item", "result"):
        if isinstance(shown.get(name), dict):
            inner: Mapping[str, Any] = shown[name]
            return inner
    return shown


def _objects(body: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > 8:
        return
    if isinstance(body, dict):
        yield body
    for each in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _objects(each, depth + 1)


def nothing_made(maker: Maker) -> Inconclusive:
    """Return what is said when no object could be made."""
    refused = "; ".join(dict.fromkeys(maker.refused)) or "the document tells too little of its body"
    return Inconclusive("nothing-made", f"No object could be made: {refused}.")
