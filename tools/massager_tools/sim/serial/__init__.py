"""A virtual massager on a serial port of its own, with MicroPython's own prompt behind it.

`board.SerialBoard` owns the port (`cable.py`: a PTY or TCP) and, as power supply and reset
line do, the life of the interpreter: `../chip_process.py` is one boot of it, from reset to
prompt, in `boot_environment.py` on `realtime_chip.RealtimeChip` and
`flash_files.FlashFiles`; `../snapshot.py` carries pads and plant over.
"""
