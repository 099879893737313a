"""The terminal: live gauges, keys as buttons, the monitor's screen, progress."""
