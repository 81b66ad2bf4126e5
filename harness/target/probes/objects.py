"""Objects: what the document lets a caller create and read again."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe
from harness.target.surface import resources


def _found(instance: Instance) -> Iterator[str]:
    return (each.create.subject for each in resources(instance.operations))


PROBE = documented_probe("objects", "object that can be created and read", _found)
