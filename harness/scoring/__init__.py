"""Turns findings into a maturity report; pure."""
