"""Seeded defects: one file each, found here, switched on by name, counted, and guarded."""

from reference_impl.defects.mechanism import Counters, Defect, DefectError, Seeded, discover, guard, seed

__all__ = ["Counters", "Defect", "DefectError", "Seeded", "discover", "guard", "seed"]
