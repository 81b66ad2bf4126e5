"""Decides, before anything runs, which subjects of which requirements a run will judge."""
