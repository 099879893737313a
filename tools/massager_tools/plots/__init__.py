"""Pictures of sessions, nights and trips, in one style."""
