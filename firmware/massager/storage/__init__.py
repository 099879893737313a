"""Storage that outlives power-off: settings, sessions, the black box."""
