"""What outlives power-off: settings, sessions, the black box."""
