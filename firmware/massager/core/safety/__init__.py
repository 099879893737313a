"""Faults as a table, states as a table, and the gate that every output passes last."""
