"""Seeded defects: one file each, found here, switched on by name, counted, and guarded."""
