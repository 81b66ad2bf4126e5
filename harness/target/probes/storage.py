"""Object storage of the core contracts."""

from harness.target.probes.protocol import core_path_probe

PROBE = core_path_probe("storage", "/api/storage/objects")
