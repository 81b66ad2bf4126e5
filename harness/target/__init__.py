"""Reads target files, probes capabilities, launches targets and talks to their control API."""
