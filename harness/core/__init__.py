"""Words and pure rules every other package speaks; standard library only."""
