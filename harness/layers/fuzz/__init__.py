"""Fuzz layer: runs Schemathesis and reads from its event report what each declared operation did."""
