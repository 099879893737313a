"""The physics: heat, air, motor, supply and buttons. Plain floats; knows no chip and no pins.

Runs on CPython and on MicroPython. Each part takes its dictionary from `parameters`; the
faults of `faults` are the only way to break one.
"""
