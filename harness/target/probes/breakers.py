"""The circuit breaker API of the core contracts."""

from harness.target.probes.protocol import core_path_probe

PROBE = core_path_probe("breakers", "/api/circuit-breakers/status")
