"""The oscillation motor: soft start, speed regulation, soft stop and its guard."""
