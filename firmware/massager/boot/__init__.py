"""What is checked before the firmware starts: files complete, board sound."""
