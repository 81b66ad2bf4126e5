"""Records exchanges, stores a run's evidence and reads it back."""
