"""Database revisions, one per service."""
