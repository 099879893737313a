"""What the firmware needs of MicroPython's `micropython` module, for CPython.

Memory statistics are absent on purpose: CPython has none that would mean the same.
"""


def const(value):
    """A number or tuple that MicroPython folds into the code; here just the value."""
    return value


def native(function):
    """Machine code on the chip; here just the function."""
    return function


def viper(function):
    """Typed machine code on the chip; here just the function."""
    return function


def heap_lock():
    """CPython's heap cannot be locked; nothing is proven here."""


def heap_unlock():
    """See `heap_lock`; returns the depth that is left, 0."""
    return 0


def kbd_intr(character):
    """Which character interrupts the program; here it is not listened for."""


def alloc_emergency_exception_buf(size):
    """Room for the traceback of an interrupt; CPython needs none."""


def schedule(function, argument):
    """Run `function(argument)` soon; here at once."""
    function(argument)


def opt_level(level=None):
    """The compiler's level of optimisation; 0 here."""
    return 0
