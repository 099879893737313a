"""Check that pumping raises the pressure and that the sensor responds; a part of the air guard."""

from micropython import const

from massager.core import limits
from massager.core.safety import fault_table
from massager.core.units import count_bits

_STEP_MS = limits.AIR_TICK_MS
_FILTER_SHIFT = const(1)  # 20 ms
_FILTER_BITS = const(4)
HIGHER_PA = const(400)  # pumping that raises the pressure this much is a fill, not a top-up


class FillGuard:
    """Check each step of pumping, at 50 Hz.

    `filling`: chambers (bits) pumped into since all valves were last released. `held_pa`: the
    pressure at which these were last held, 0 before that.
    """

    def __init__(self) -> None:
        self.filling = 0
        self.held_pa = 0
        self._left_ms = 0  # until INFLATE_TIMEOUT
        self._pumped_ms = 0  # in this cycle without a sign of pressure
        self._sign_max_ms = 0
        self._sign_seen = False
        self._dead_head_ms = 0
        self._compensated_ms = 0
        self._still_ms = 0  # pumping without a change of pressure
        self._low_pa = 0
        self._high_pa = 0
        self._filtered = 0  # Pa << _FILTER_BITS

    def release(self) -> None:
        """Record that all valves are released."""
        self.filling = 0
        self.held_pa = 0

    def hold(self, pressure_pa: int) -> None:
        """Record that the pump has paused: what follows at this pressure is a top-up.

        Hardly any pressure is no hold: a leg may have pressed on a chamber that is still
        filling, and pumping on compensates no leak.
        """
        if self.filling:
            if not self.held_pa:
                self._compensated_ms = 0
            self.held_pa = pressure_pa if pressure_pa > limits.SQUEEZED_PA else 0

    def step(self, pressure_pa: int, chambers: int) -> int:
        """Check one step of pumping into `chambers` (bits); return the conditions found."""
        conditions = self._check_sensor(pressure_pa)
        if not chambers:
            self._dead_head_ms += _STEP_MS
            if self._dead_head_ms > limits.DEAD_HEAD_MS:
                conditions |= fault_table.INFLATE_TIMEOUT
            return conditions
        self._dead_head_ms = 0
        added = chambers & ~self.filling
        if added:
            self._add(added)
        if pressure_pa >= limits.INFLATE_SIGN_PA:
            self._sign_seen = True
        elif not self._sign_seen:
            self._pumped_ms += _STEP_MS
            if self._pumped_ms > self._sign_max_ms:
                conditions |= fault_table.LEAK_OR_LOOSE
        if pressure_pa <= limits.SQUEEZED_PA:
            self.held_pa = 0
        if limits.SQUEEZED_PA < pressure_pa < self.held_pa + HIGHER_PA:
            self._compensated_ms += _STEP_MS
            if self._compensated_ms > limits.LEAK_COMPENSATE_MS:
                conditions |= fault_table.LEAK_TOO_LONG
        else:
            self._left_ms -= _STEP_MS
            if self._left_ms < 0:
                conditions |= fault_table.INFLATE_TIMEOUT
        return conditions

    def _add(self, added: int) -> None:
        """Give chambers that are pumped into for the first time in this cycle their time."""
        if not self.filling:
            self._pumped_ms = 0
            self._sign_seen = False
        self.filling |= added
        self.held_pa = 0
        self._left_ms = count_bits(added) * limits.INFLATE_MAX_MS
        self._sign_max_ms = count_bits(self.filling) * limits.INFLATE_SIGN_MS

    def _check_sensor(self, pressure_pa: int) -> int:
        """Detect a frozen sensor: while the pump runs its reading has to move."""
        self._filtered += ((pressure_pa << _FILTER_BITS) - self._filtered) >> _FILTER_SHIFT
        filtered_pa = self._filtered >> _FILTER_BITS
        if filtered_pa < self._low_pa:
            self._low_pa = filtered_pa
        elif filtered_pa > self._high_pa:
            self._high_pa = filtered_pa
        if self._high_pa - self._low_pa >= limits.FROZEN_PA:
            self._low_pa = filtered_pa
            self._high_pa = filtered_pa
            self._still_ms = 0
        self._still_ms += _STEP_MS
        return fault_table.PRESSURE_FROZEN if self._still_ms > limits.FROZEN_PUMPING_MS else 0
