"""Makes an object below another one, as the owner of both, so that somebody else can be asked about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

import httpx

from harness.core.operation import Operation
from harness.layers.scenarios.answers import body_of, members
from harness.layers.scenarios.making import CREATED, Made, Maker, identifiers
from harness.layers.scenarios.samples import CannotSample, valid_body
from harness.target.nesting import Nested


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """An object below another; `marks` are texts of ours in it that nothing else on the target holds.

    `name` is empty where the answer does not tell: then only lists show it.
    """

    kind: Nested
    parent: Made
    name: str
    marks: Sequence[str]
    maker: Maker

    @classmethod
    def make(cls, kind: Nested, parent: Made, owner: httpx.Client, maker: Maker) -> Self | None:
        """Create it; None where the target refuses or where nothing could tell it from others."""
        sent = create_below(kind, parent.name, owner, maker)
        if sent is None:
            return None
        marks, answer = sent
        name = next(identifiers(kind.child, answer), "")
        return cls(kind=kind, parent=parent, name=name, marks=marks, maker=maker)

    @property
    def reads(self) -> Mapping[str, str]:
        """The ways to it that an owner has: the words of each, and its path."""
        by_name = (self._own_read, self.kind.flat) if self.name else ()
        operations = (self.kind.child.collection, *by_name)
        return {each.subject: self.path(each) for each in operations if each is not None}

    @property
    def _own_read(self) -> Operation | None:
        return self.kind.child.item("GET")

    def below(self, other: Made) -> Mapping[str, str]:
        """Return the same way to it, as if it stood below another parent."""
        read = self._own_read
        return {} if read is None or not self.name else {read.subject: self.path(read, parent=other.name)}

    def path(self, operation: Operation, *, parent: str = "") -> str:
        """Return the path of an operation on it; the parent may be another one's."""
        names = [self.name] if operation == self.kind.flat else [parent or self.parent.name, self.name]
        return self.maker.target.path_prefix + named(operation.path, names)

    def is_shown_in(self, answer: httpx.Response) -> bool:
        """Whether an answer holds a text of ours that is nowhere else."""
        return answer.is_success and is_marked(answer, self.marks)


def is_marked(answer: httpx.Response, marks: Sequence[str]) -> bool:
    """Whether an answer holds one of the texts."""
    return any(value in marks for _, value in members(body_of(answer)) if isinstance(value, str))


def create_below(
    kind: Nested, parent: str, client: httpx.Client, maker: Maker
) -> tuple[Sequence[str], httpx.Response] | None:
    """Create below a parent; return what of the body is like nobody else's, and the answer.

    None where it is refused, or where the body takes no text that could be told from others.
    """
    create, number = kind.child.create, maker.number()
    try:
        body = valid_body(create, maker.document, variant=number, with_optional=True)
    except CannotSample:
        return None
    marks = [text for _, text in members(body) if isinstance(text, str) and str(number) in text]
    if not marks or maker.target.withholds(create):
        return None
    path = maker.target.path_prefix + named(create.path, [parent])
    answer = maker.pace.ask(client, "POST", path, json=body)
    if answer.status_code in CREATED:
        return marks, answer
    maker.refused.append(f"{create.subject} answered {answer.status_code}")
    return None


def named(path: str, names: Sequence[str]) -> str:
    """Return a path with names in the places of its parameters, from the left."""
    for name in names[: path.count("{")]:
        before, _, rest = path.partition("{")
        path = before + quote(name, safe="") + rest.partition("}")[2]
    return path
