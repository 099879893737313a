"""Read what a device has stored: settings, freeze frames, sessions, black box."""
