"""The virtual massager in the terminal: keys as buttons, live gauges, faults to inject."""
