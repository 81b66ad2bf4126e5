"""Capability probes, one file each exporting PROBE; their answers are evidence, too."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import httpx

from harness.core.errors import HarnessFault
from harness.core.plan import Capability
from harness.core.requirement import Profile
from harness.target.asking import forgetful
from harness.target.instance import Instance
from harness.target.probes.protocol import Asking, Probe


@cache
def probes() -> tuple[Probe, ...]:
    """Return every probe by id; raises HarnessFault when two have one id."""
    found: dict[str, Probe] = {}
    for module in pkgutil.iter_modules(__path__):
        probe = getattr(importlib.import_module(f"{__name__}.{module.name}"), "PROBE", None)
        if probe is None:
            continue
        if probe.id in found:
            raise HarnessFault(f"two probes have the id {probe.id}")
        found[probe.id] = probe
    return tuple(found[name] for name in sorted(found))


def probe_all(instance: Instance) -> Mapping[str, Capability]:
    """Ask the target what it can; only reads are sent, GraphQL queries and MCP initialisation included."""
    with httpx.Client(
        base_url=instance.base_url, timeout=10.0, trust_env=False, cookies=forgetful()
    ) as client:
        asking = Asking(instance=instance, client=client)
        profiles = {Profile.PORTABLE, instance.target.profile}
        return {probe.id: probe.ask(asking) for probe in probes() if probe.profile in profiles}
