"""The message hub of the core contracts."""

from harness.target.probes.protocol import path_probe

PROBE = path_probe("hub", "/api/hub/queues")
