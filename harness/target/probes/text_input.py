"""Text input: parameters of reads and members of bodies that take a caller's own text."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe
from harness.target.surface import text_slots


def _found(instance: Instance) -> Iterator[str]:
    document = instance.openapi_document or {}
    for reading in (True, False):
        yield from (each.words for each in text_slots(instance.operations, document, reading=reading))


PROBE = documented_probe("text-input", "parameter or member that takes a text", _found)
