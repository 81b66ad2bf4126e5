"""What stands before every service: limits, versions, identity, errors."""
