"""Checks before the firmware starts: files complete, board sound."""
