"""Web search of the core contracts."""

from harness.target.probes.protocol import path_probe

PROBE = path_probe("search", "/api/search/web?q=probe")
