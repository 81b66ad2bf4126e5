"""Sliding-window circuit breakers for asyncio, without any web or storage in them."""
