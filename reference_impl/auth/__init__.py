"""Identities: registration, login, tokens, roles, and the audit chain."""
