"""Roles: operations that the document marks as an administrator's, or the target file as a role's alone."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe
from harness.target.surface import admin_operations


def _found(instance: Instance) -> Iterator[str]:
    yield from (subject for each in instance.target.identities for subject in each.reserved)
    yield from (each.subject for each in admin_operations(instance.operations))


PROBE = documented_probe("roles", "operation marked as an administrator's", _found)
