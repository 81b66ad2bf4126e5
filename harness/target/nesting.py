"""What a document lets a caller make below an object that can be made, too."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.core.operation import Operation
from harness.target.surface import Resource, resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """A kind of object below another: `child` makes and reads it, `flat` reads it without naming the parent.

    The paths of `child` name two objects: the parent first.
    """

    parent: Resource
    child: Resource
    flat: Operation | None = None


def nested(operations: Iterable[Operation]) -> Iterator[Nested]:
    """Yield what can be created with POST below one object, and read again by its own path or in a list."""
    every = tuple(operations)
    for parent in resources(every):
        below = re.compile(re.escape(parent.read.path.rstrip("/")) + r"/[^/{}]+/?")
        for create in every:
            if create.method == "POST" and create.request_media_types and below.fullmatch(create.path):
                yield from _nested(parent, create, every)


def _nested(parent: Resource, create: Operation, every: tuple[Operation, ...]) -> Iterator[Nested]:
    stem = create.path.rstrip("/")
    own = re.compile(re.escape(stem) + r"/\{[^/{}]+\}/?")
    alone = re.compile(r"(/[^{}]+)?" + re.escape("/" + stem.rpartition("/")[2]) + r"/\{[^/{}]+\}/?")
    items = tuple(each for each in every if own.fullmatch(each.path))
    reads = [each for each in every if each.method == "GET"]
    read = next((each for each in items if each.method == "GET"), None)
    flat = next((each for each in reads if alone.fullmatch(each.path)), None)
    lists = next((each for each in reads if each.path.rstrip("/") == stem), None)
    if shown := read or lists or flat:
        child = Resource(create=create, read=shown, items=items, collection=lists)
        yield Nested(parent=parent, child=child, flat=flat)
