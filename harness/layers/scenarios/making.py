"""Makes an object on the target as one person, so that it can be asked for as another."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of, members
from harness.layers.scenarios.context import ScenarioContext
from harness.layers.scenarios.pace import Pace
from harness.layers.scenarios.samples import CannotSample, valid_body
from harness.layers.scenarios.signals import Inconclusive
from harness.target.surface import Resource

_CREATED = frozenset({200, 201, 202})
_NAMES = ("id", "uuid", "_id", "key", "slug", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An object that was made and read back: `body` is what was sent, `shown` what its maker sees of it."""

    resource: Resource
    path: str
    name: str
    body: Mapping[str, Any]
    shown: Any

    @property
    def words(self) -> str:
        """What it is, for people."""
        return f"the object made by {self.resource.create.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Makes objects of a target; `number` gives a variant that nobody used before."""

    target: ScenarioContext
    document: Mapping[str, Any]
    pace: Pace
    number: Callable[[], int]

    def make(
        self, resource: Resource, client: httpx.Client, *, extra: Mapping[str, Any] | None = None
    ) -> Made | None:
        """Create and read back; None where the target takes none of the bodies that the document allows."""
        if self.is_withheld(resource.create):
            return None
        for body in self._bodies(resource.create):
            answer = self.pace.ask(
                client, "POST", self.target.prefix + resource.create.path, json={**body, **(extra or {})}
            )
            if answer.status_code in _CREATED:
                return self._read_back(resource, client, body, answer)
            if answer.status_code in {401, 403, 404, 405, 415}:
                return None
        return None

    def is_withheld(self, operation: Operation) -> bool:
        """Whether the target's owner named it among those never to be called."""
        return operation.subject in self.target.never or operation.path in self.target.never

    def _bodies(self, operation: Operation) -> Iterator[Mapping[str, Any]]:
        for variant, is_full in ((0, False), (self.number(), False), (0, True), (self.number(), True)):
            try:
                body = valid_body(operation, self.document, variant=variant, with_optional=is_full)
            except CannotSample:
                return
            if isinstance(body, Mapping):
                yield body

    def _read_back(
        self, resource: Resource, client: httpx.Client, body: Mapping[str, Any], answer: httpx.Response
    ) -> Made | None:
        for name in dict.fromkeys(_identifiers(resource, answer)):
            path = self.path_of(resource.read, name)
            shown = self.pace.ask(client, "GET", path)
            if shown.status_code == 200:
                return Made(resource=resource, path=path, name=name, body=body, shown=body_of(shown))
        return None

    def path_of(self, operation: Operation, name: str) -> str:
        """Return the path of an operation on the object of a name."""
        return self.target.prefix + re.sub(r"\{[^{}]+\}", lambda _: quote(name, safe=""), operation.path)


def _identifiers(resource: Resource, answer: httpx.Response) -> Iterator[str]:
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


def names_in(answer: httpx.Response) -> frozenset[str]:
    """Return every text and number that an answer holds, as texts."""
    body = body_of(answer)
    if body is None:
        return frozenset()
    found: set[str] = set()
    open_ = [body]
    while open_:
        node = open_.pop()
        if isinstance(node, dict):
            open_.extend(node.values())
        elif isinstance(node, list):
            open_.extend(node)
        elif isinstance(node, str | int) and not isinstance(node, bool):
            found.add(str(node))
    return frozenset(found)


def nothing_made() -> Inconclusive:
    """Return what is said when no object could be made."""
    return Inconclusive("nothing-made", "No object could be made with what the document tells of its body.")


def copied(value: Any) -> Any:
    """Return a JSON value that can be changed without changing the first."""
    return json.loads(json.dumps(value))
