"""What stands behind a target, one file a kind; each starts it and says at which address and URL it is."""
