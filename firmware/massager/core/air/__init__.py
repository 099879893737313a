"""Pump and chambers: inflation by pattern, venting, line test, diagnosis and their guard."""
