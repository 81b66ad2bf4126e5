"""Roles: operations that the document itself marks as an administrator's."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe
from harness.target.surface import admin_operations


def _found(instance: Instance) -> Iterator[str]:
    return (each.subject for each in admin_operations(instance.operations))


PROBE = documented_probe("roles", "operation marked as an administrator's", _found)
