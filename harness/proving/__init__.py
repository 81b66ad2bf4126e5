"""Runs the seeded defects and builds the detection matrix."""
