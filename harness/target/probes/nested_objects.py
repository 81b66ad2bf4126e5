"""Nested objects: what the document lets a caller create below an object, and read again."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.nesting import nested
from harness.target.probes.protocol import documented_probe


def _found(instance: Instance) -> Iterator[str]:
    return (each.child.create.subject for each in nested(instance.operations))


PROBE = documented_probe("nested-objects", "object that is created below another", _found)
