"""Registration: an operation by which anybody makes an account with a password."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe
from harness.target.surface import registrations


def _found(instance: Instance) -> Iterator[str]:
    document = instance.openapi_document or {}
    return (each.operation.subject for each in registrations(instance.operations, document))


PROBE = documented_probe("registration", "registration with a password", _found)
