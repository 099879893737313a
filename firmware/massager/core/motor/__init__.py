"""The oscillation motor: starting it softly, holding its speed, and stopping it."""
