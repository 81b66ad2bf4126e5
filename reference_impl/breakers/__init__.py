"""Circuit breakers: the library, and the service that shows and steers them."""
