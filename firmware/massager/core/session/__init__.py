"""What one evening consists of: programs as data, and the clock that walks through them."""
