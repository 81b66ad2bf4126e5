"""Scenario packs: ordinary pytest files that drive a target and judge requirements."""
