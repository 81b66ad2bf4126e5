"""CORE Harness: points real tools at a target and turns their evidence into a maturity report."""

__version__ = "0.1.0"
