"""Log-in: an operation that takes a name and a password."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe
from harness.target.surface import logins


def _found(instance: Instance) -> Iterator[str]:
    document = instance.openapi_document or {}
    return (each.operation.subject for each in logins(instance.operations, document))


PROBE = documented_probe("login", "log-in by name and password", _found)
