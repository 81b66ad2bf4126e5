"""Recovery: an operation by which anybody asks for a new password by name alone."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe
from harness.target.surface import recoveries


def _found(instance: Instance) -> Iterator[str]:
    document = instance.openapi_document or {}
    return (each.operation.subject for each in recoveries(instance.operations, document))


PROBE = documented_probe("recovery", "recovery of a password by name", _found)
