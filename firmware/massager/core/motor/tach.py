"""Convert the times of tach edges to a speed that regulator and guard can rely on."""

from micropython import const

_RPM_US = const(60_000_000)  # µs of one turn at 1 rpm
_RPM_MAX = const(10_000)  # faster than any motor here: a glitch, bounded for the guards
_FAST_US = const(120_000)  # slower than 500 rpm a start may double the speed within a turn
_TURN_MAX_US = const(4_000_000)  # 15 rpm counts as standstill


class TachSpeed:
    """Convert `tach_*` of the inputs to `rpm`; `updates` counts values worth acting on.

    A missing pulse makes a turn look half as fast, a false one twice as fast. No motor with an
    eccentric changes that much within a turn, so up to two such turns are skipped: two pulses
    in a row may be missing. A speed that stays there is accepted.
    """

    def __init__(self, pulses_per_turn: int) -> None:
        self.rpm = 0
        self.updates = 0  # modulo 2**8
        self._pulses = pulses_per_turn
        self._skips_max = 2 * pulses_per_turn  # one gap shows in every edge of a turn
        self._edges = 0
        self._turn_us = 0  # last accepted turn, 0: none
        self._skips = 0  # edges skipped since

    def step(self, edges: int, turn_us: int, age_us: int) -> None:
        """Take one reading: edges so far, µs of the last whole turn (0: none), age of the edge."""
        if edges != self._edges:
            self._edges = edges
            self._accept(turn_us)
        if not self._turn_us:
            return
        since_us = age_us * self._pulses
        if since_us * 4 > self._turn_us * 9:  # two edges overdue: slower than it was
            if since_us < _TURN_MAX_US:
                self.rpm = min(self.rpm, _RPM_US // since_us)
            else:
                self.rpm = 0
                self._turn_us = 0

    def _accept(self, turn_us: int) -> None:
        """Take over the time of a turn unless it is out of range or shows a missing pulse."""
        if not 0 < turn_us < _TURN_MAX_US:
            return
        last_us = self._turn_us
        is_slow = turn_us * 5 > last_us * 7
        is_fast = turn_us * 7 < last_us * 5 and last_us < _FAST_US
        if last_us and (is_slow or is_fast) and self._skips < self._skips_max:
            self._skips += 1
            return
        self._skips = 0
        self._turn_us = turn_us
        self.rpm = min((_RPM_US + turn_us // 2) // turn_us, _RPM_MAX)
        self.updates = (self.updates + 1) & 255
