"""The message hub of the core contracts."""

from harness.target.probes.protocol import core_path_probe

PROBE = core_path_probe("hub", "/api/hub/queues")
