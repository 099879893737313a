"""The other end of the console: a reader, one that has stopped reading, or nobody."""

READS = 0
STALLED = 1  # holds the port open and does not read
CLOSED = 2  # nobody has the port open
PAUSES = 3  # reads, but for one second of every five

_PAUSE_EVERY_US = 5_000_000
_PAUSE_US = 1_000_000


class ConsoleFaults:
    """Faults of the console; all off at first.

    `reader`: one of the above. `interrupts_lost`: every Ctrl-C comes while a callback runs,
    which prints the KeyboardInterrupt and drops it.
    """

    def __init__(self) -> None:
        self.reader = READS
        self.interrupts_lost = False

    def state(self, now_us: int) -> int:
        """Return READS, STALLED or CLOSED at this moment."""
        if self.reader != PAUSES:
            return self.reader
        return STALLED if now_us % _PAUSE_EVERY_US < _PAUSE_US else READS
