"""The heating pad: measure it, hold it at its set-point, stop it."""
