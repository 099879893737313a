"""What a device has kept over power-off, read from outside: its memory and its journal."""
