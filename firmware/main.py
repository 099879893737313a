"""Starts the massager."""

from massager.startup import Startup

Startup().run()
