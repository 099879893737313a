"""Plots of sessions, the session log and the black box, in one style."""
