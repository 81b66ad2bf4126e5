"""Versions in paths: secured reads, of a version after the first or of none that is named."""

import re
from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe

_FIRST = re.compile(r"/v[01](?=/|$)")


def _found(instance: Instance) -> Iterator[str]:
    prefix = instance.operations.prefix
    return (
        each.subject
        for each in instance.operations
        if each.is_secured and each.method == "GET" and not _FIRST.search(prefix + each.path)
    )


PROBE = documented_probe("versioned-paths", "secured read that an older version may stand beside", _found)
