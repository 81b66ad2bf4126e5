"""Versions in paths: secured operations of a version after the first."""

import re
from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe

_LATER = re.compile(r"/v[2-9](?=/|$)")


def _found(instance: Instance) -> Iterator[str]:
    prefix = instance.operations.prefix
    return (
        each.subject for each in instance.operations if each.is_secured and _LATER.search(prefix + each.path)
    )


PROBE = documented_probe("versioned-paths", "secured path of a version after the first", _found)
