"""Communication hub 2.0.0: durable messages with strict priorities, retries and dead letters."""
