"""Brave web and news search with fallbacks."""
