"""Load layer: runs Locust and holds what it measured against service level objectives."""
