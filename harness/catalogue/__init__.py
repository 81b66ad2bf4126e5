"""Loads the requirement catalogue and freezes it."""
