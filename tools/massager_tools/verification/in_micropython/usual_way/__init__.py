"""The same massager as a careful builder usually writes it: asyncio tasks and floats.

Its pieces are what tutorials and public projects use: the `simple-pid` library as it is, the
B-parameter formula for the thermistors, a polling task a button as in the `Pushbutton` of the
asyncio primitives, one task a concern with its state in local variables, states and faults by
name, `time.ticks_ms` and `ticks_diff`, a formatted line of telemetry. The primitives are not
on PyPI but come by `mip` from their repository, and of the button libraries that are there
one does not install with pip and another has neither tasks nor long presses: so the button is
a class in the primitives' style.

`massager` has the jobs: pad held, chambers filled, held, let go and proved empty, motor held
at speed, five buttons, eight lights, telemetry, the session. The `…_guards` watch what the
firmware's guards watch, at the firmware's rates; a comment at each rate says where the
firmware has it. What the firmware does beyond that is left out here, to this way's advantage:
programs and patterns, learning of leg and pump, the diagnosis of hoses and valves, the heat
of the motor, the record of a session, the readings kept with a fault.

Runs in MicroPython: on the virtual board (`on_board`), and on a recording of that against the
clock (`clock`).
"""
