"""Web search of the core contracts."""

from harness.target.probes.protocol import core_path_probe

PROBE = core_path_probe("search", "/api/search/web?q=probe")
