"""Object storage: bytes by key, owned, checksummed, written under conditions."""
