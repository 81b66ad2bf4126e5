"""The circuit breaker API of the core contracts."""

from harness.target.probes.protocol import path_probe

PROBE = path_probe("breakers", "/api/circuit-breakers/status")
