"""The heating pad: measuring it, holding it at its set-point, and stopping it."""
