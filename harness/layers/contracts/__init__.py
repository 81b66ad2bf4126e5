"""Contracts layer: verifies consumers' pacts on the running target and holds them against its document."""
