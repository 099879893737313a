"""Does pumping get anywhere, and does the sensor see it? Part of the guard, at 50 Hz."""

from micropython import const

from massager.core import limits
from massager.core.safety import fault_table
from massager.core.units import count_bits

_STEP_MS = limits.TICK_MS * 2
_FILTER_SHIFT = const(1)  # 20 ms
_FILTER_BITS = const(4)
HIGHER_PA = const(400)  # a stroke that lifts the pressure this far fills, and makes up no leak


class FillGuard:
    """A chamber is `joined` from the first stroke into it until all valves let go.

    `held_pa`: the pressure that these have last been held at, 0 before that.
    """

    def __init__(self):
        self.joined = 0
        self.held_pa = 0
        self._left_ms = 0
        self._pumped_ms = 0  # in this cycle without a sign of pressure
        self._sign_max_ms = 0
        self._sign_seen = False
        self._dead_head_ms = 0
        self._compensated_ms = 0
        self._still_ms = 0  # pumping without a change of pressure
        self._low_pa = self._high_pa = 0
        self._filtered = 0

    def release(self):
        """All valves have let go."""
        self.joined = 0
        self.held_pa = 0

    def hold(self, pressure_pa):
        """The pump has paused. Hardly any pressure is no hold: only a leg that pressed on what
        is filling may have made one of it, and pumping on makes up for no leak."""
        if self.joined:
            if not self.held_pa:
                self._compensated_ms = 0
            self.held_pa = pressure_pa if pressure_pa > limits.SQUEEZED_PA else 0

    def step(self, pressure_pa, chambers):
        """One step of pumping into `chambers`."""
        found = self._look_alive(pressure_pa)
        if not chambers:
            self._dead_head_ms += _STEP_MS
            if self._dead_head_ms > limits.DEAD_HEAD_MS:
                found |= fault_table.INFLATE_TIMEOUT
            return found
        self._dead_head_ms = 0
        fresh = chambers & ~self.joined
        if fresh:
            self._join(fresh)
        if pressure_pa >= limits.INFLATE_SIGN_PA:
            self._sign_seen = True
        elif not self._sign_seen:
            self._pumped_ms += _STEP_MS
            if self._pumped_ms > self._sign_max_ms:
                found |= fault_table.LEAK_OR_LOOSE
        if pressure_pa <= limits.SQUEEZED_PA:
            self.held_pa = 0
        if limits.SQUEEZED_PA < pressure_pa < self.held_pa + HIGHER_PA:
            self._compensated_ms += _STEP_MS
            if self._compensated_ms > limits.LEAK_COMPENSATE_MS:
                found |= fault_table.LEAK_TOO_LONG
        else:
            self._left_ms -= _STEP_MS
            if self._left_ms < 0:
                found |= fault_table.INFLATE_TIMEOUT
        return found

    def _join(self, fresh):
        """Chambers that have not been pumped into in this cycle."""
        if not self.joined:
            self._pumped_ms = 0
            self._sign_seen = False
        self.joined |= fresh
        self.held_pa = 0
        self._left_ms = count_bits(fresh) * limits.INFLATE_MAX_MS
        self._sign_max_ms = count_bits(self.joined) * limits.INFLATE_SIGN_MS

    def _look_alive(self, pressure_pa):
        """A sensor on a leg that is being pumped up has to move."""
        self._filtered += ((pressure_pa << _FILTER_BITS) - self._filtered) >> _FILTER_SHIFT
        seen_pa = self._filtered >> _FILTER_BITS
        if seen_pa < self._low_pa:
            self._low_pa = seen_pa
        elif seen_pa > self._high_pa:
            self._high_pa = seen_pa
        if self._high_pa - self._low_pa >= limits.FROZEN_PA:
            self._low_pa = self._high_pa = seen_pa
            self._still_ms = 0
        self._still_ms += _STEP_MS
        return fault_table.PRESSURE_FROZEN if self._still_ms > limits.FROZEN_PUMPING_MS else 0
