"""The TCP fault proxy and its toxics, one file each."""
