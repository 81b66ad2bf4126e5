"""Object storage of the core contracts."""

from harness.target.probes.protocol import path_probe

PROBE = path_probe("storage", "/api/storage/objects")
