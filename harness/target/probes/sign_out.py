"""Sign-out: an operation that ends the sign-in it is called with."""

from collections.abc import Iterator

from harness.target.instance import Instance
from harness.target.probes.protocol import documented_probe
from harness.target.surface import sign_outs


def _found(instance: Instance) -> Iterator[str]:
    return (each.subject for each in sign_outs(instance.operations))


PROBE = documented_probe("sign-out", "operation that ends a sign-in", _found)
