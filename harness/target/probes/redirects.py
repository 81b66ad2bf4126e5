"""Redirects: parameters by which a caller says where to go next."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe
from harness.target.surface import redirect_slots


def _found(instance: Instance) -> Iterator[str]:
    document = instance.openapi_document or {}
    return (each.words for each in redirect_slots(instance.operations, document))


PROBE = documented_probe("redirects", "parameter that says where to go next", _found)
