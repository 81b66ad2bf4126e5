"""Address input: parameters and members that take an address."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe
from harness.target.surface import url_slots


def _found(instance: Instance) -> Iterator[str]:
    document = instance.openapi_document or {}
    for reading in (True, False):
        yield from (each.words for each in url_slots(instance.operations, document, reading=reading))


PROBE = documented_probe("url-input", "parameter or member that takes an address", _found)
