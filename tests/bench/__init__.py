"""Benchmarks: ratios side by side in one run, never wall times to be asserted."""
