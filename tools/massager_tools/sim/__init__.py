"""The virtual massager: the real firmware in a real interpreter, everything else modelled.

`host.VirtualMassager` starts `chip_process.py` in MicroPython, where `chip.py` and the
modules in `fake_modules/` take the place of the ESP32, `model/` that of pump, pad, motor and
leg, and `wiring.py` joins the two by a board file. `scenarios.py` judges what happened.
"""
