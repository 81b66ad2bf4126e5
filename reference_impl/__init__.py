"""The reference implementation: the system the harness is proved on."""
