"""Sessions: programs as data, and the clock that runs them."""
