"""Put the firmware onto a chip so that an interruption at any moment leaves it safe.

`interpreter.py` writes MicroPython itself, `sync.py` makes the files on the chip those of
the build, `ready.py` restarts it and reads its first lines.
"""
