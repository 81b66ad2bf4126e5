"""Mutation testing: how many small faults planted in the harness's own rules its tests notice."""
