"""Listens to a massager at work: `line.py` hears, `record.py` keeps, `screen.py` shows."""
