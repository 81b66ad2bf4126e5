"""Channels: one file each, exporting CHANNEL; discovery is in reference_impl.hub.registry."""
