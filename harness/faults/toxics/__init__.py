"""One toxic a file, each exporting TOXIC."""
