"""Pure functions over recorded exchanges, one file each."""
