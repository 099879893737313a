"""From the times of a tach's edges to a speed that a regulator and a guard can trust."""

from micropython import const

_RPM_US = const(60_000_000)  # one turn a minute lasts this long
_RPM_MAX = const(10_000)  # faster than any motor here: a glitch, and bounded for the guards
_TURN_MAX_US = const(4_000_000)  # 15 rpm is rest


class TachSpeed:
    """Turns `tach_*` of the inputs into `rpm`; `updates` counts the values worth acting on.

    A pulse that goes missing makes a turn look half as fast. No motor with an eccentric
    slows that much within a turn, so up to two such turns are passed over: two pulses may go
    missing in a row. What stays slow is believed.
    """

    def __init__(self, pulses_per_turn):
        self.rpm = 0
        self.updates = 0  # modulo 2**8
        self._pulses = pulses_per_turn
        self._patience = 2 * pulses_per_turn  # one gap shows in every edge of a turn
        self._edges = 0
        self._turn_us = 0  # the last turn that was believed, 0: none
        self._doubts = 0  # edges passed over since

    def step(self, edges, turn_us, age_us):
        """One step: edges so far, time of the last whole turn (0: none), of the last edge."""
        if edges != self._edges:
            self._edges = edges
            self._take(turn_us)
        if not self._turn_us:
            return
        since_us = age_us * self._pulses
        if since_us * 4 > self._turn_us * 9:  # two edges overdue: slower than it was
            if since_us < _TURN_MAX_US:
                self.rpm = min(self.rpm, _RPM_US // since_us)
            else:
                self.rpm = self._turn_us = 0

    def _take(self, turn_us):
        if not 0 < turn_us < _TURN_MAX_US:
            return
        slow = turn_us * 5 > self._turn_us * 7
        if self._turn_us and slow and self._doubts < self._patience:
            self._doubts += 1
            return
        self._doubts = 0
        self._turn_us = turn_us
        self.rpm = min((_RPM_US + turn_us // 2) // turn_us, _RPM_MAX)
        self.updates = (self.updates + 1) & 255
