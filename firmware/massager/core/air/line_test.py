"""Test the line of each chamber and verify that the chamber is empty.

A test runs before the first cycle and after every one. Each chamber in turn is opened to the
idle manifold, alone. The manifold holds a test pressure, left from before or made by short pump
pulses, and this must vanish at once: then the hose is free, the valve opens and the chamber is
empty. Air that leaves slowly shows a kinked hose, air that stays a valve that does not open, and
a manifold that cannot be charged a valve that does not close.

What fails is tested again: against the manifold's own leak, until a leg that moved is still, and
at a higher pressure, since at the pressure of a chamber that a leg presses on an open line would
look like a closed one.
"""

from micropython import const

from massager.core import limits

BUSY = const(0)
CHARGED = const(1)
NO_RISE = const(2)  # pulses do not raise the pressure

# --- charging -------------------------------------------------------------------------
CHARGE_PA = const(1_067)  # 8 mmHg in the manifold show clearly …
_RISE_PA = const(533)  # … and a pulse that adds 4 mmHg is one that counts
_PULSE_MAX_TICKS = const(16)  # doubled up to this; the pump needs some to get going
_FLOW_FROM_TICK = const(9)  # of the longest pulse: the pressure while air flows
_FLOW_PA = const(45)  # air through an open valve shows at least this much
_WAIT_TICKS = const(15)  # the pump comes to rest
SHORT_TICKS = const(2)  # a look at the manifold
_LONG_MEAN = const(8)
_PUMP_PERMILLE = const(1_000)

_LOOK = const(0)
_PULSE = const(1)
_WAIT = const(2)

# --- evaluating -----------------------------------------------------------------------
_QUICK_TICK = const(4)  # a free line has fallen by then
_LATE_TICK = const(25)
_HIGH_CHARGE_PA = const(2_400)  # 18 mmHg: a leg presses an empty chamber to no more than 13
_MEAN = const(2)  # readings in a mean
_NO_PUMP_TICKS = const(15)  # a look without pulses: time to see a pump that runs all the same …
_PUMP_CHECK_TICKS = const(40)  # … a weak one on a wide manifold, too
_FALLEN_PA = const(533)  # a quarter of the level, and no more than this, is next to nothing
_SLOW_PERMILLE = const(125)  # the change of a slow line beyond that of the closed manifold
_VENTED_PA = const(933)  # so surely below VENTED_PA that the guard sees it too
_SAME_PERMILLE = const(150)  # the closed manifold keeps no more than this beyond the open one
_ROUNDS = const(2)  # a leg that moves looks like a blocked line, but not for long …
_AGE_TICKS = const(250)  # … and air trapped behind a kink like a closed valve
_OLD_TICKS = const(500)  # a manifold that leaks as fast hides a kink for so long, no longer


class PulseCharger:
    """Charge the closed manifold to a test pressure with short pulses of the pump.

    It proposes `pump_permille`; `level_pa` is the pressure reached. `pulse_pa`: the rise that
    one tick of the pump makes, 0 where none was needed. `flow_seen`, after NO_RISE: the pump
    moves air all the same.
    """

    def __init__(self) -> None:
        self.reset(SHORT_TICKS)
        self.begin(False, CHARGE_PA)

    def reset(self, look_ticks: int) -> None:
        """Begin a new line test; the pulse length that the pump needs is measured anew.

        The first look at the manifold, and each one without pulses, takes `look_ticks`.
        """
        self._look_ticks = look_ticks
        self.pulse_pa = 0
        self.flow_seen = False
        self._pulse_ticks = 1

    def begin(self, pulses_allowed: bool, charge_pa: int) -> None:
        """Measure the manifold and, if `pulses_allowed`, charge it to `charge_pa`."""
        self._charge_pa = charge_pa
        self.pump_permille = 0
        self.level_pa = 0
        self._pulses_allowed = pulses_allowed
        self._flow_pa = 0
        self._enter(_LOOK)

    def step(self, pressure_pa: int) -> int:
        """Return BUSY, CHARGED or NO_RISE after one tick."""
        self._ticks += 1
        if self._phase == _LOOK:
            return self._look(pressure_pa)
        if self._phase == _PULSE:
            self._pulse(pressure_pa)
            return BUSY
        if self._ticks > _WAIT_TICKS - _LONG_MEAN:
            self._sum += pressure_pa
        if self._ticks == _WAIT_TICKS:
            return self._evaluate_pulse(self._sum // _LONG_MEAN)
        return BUSY

    def _look(self, pressure_pa: int) -> int:
        self._sum += pressure_pa
        if self._ticks == self._look_ticks:
            self.level_pa = self._sum // self._ticks
            if self._pulses_allowed:
                self._look_ticks = SHORT_TICKS
            if not self._pulses_allowed or self.level_pa >= self._charge_pa:
                return CHARGED
            self._start_pulse()
        return BUSY

    def _pulse(self, pressure_pa: int) -> None:
        ticks = self._ticks
        if ticks >= _FLOW_FROM_TICK:
            self._sum += pressure_pa
        if ticks >= self._pulse_ticks:
            self._flow_pa = self._sum // max(1, ticks - _FLOW_FROM_TICK + 1)
            self.pump_permille = 0
            self._enter(_WAIT)

    def _evaluate_pulse(self, level_pa: int) -> int:
        rise_pa = level_pa - self.level_pa
        if rise_pa < _RISE_PA:
            if self._pulse_ticks == _PULSE_MAX_TICKS:
                self.flow_seen = self._flow_pa * 2 - self.level_pa - level_pa >= 2 * _FLOW_PA
                return NO_RISE
            self._pulse_ticks <<= 1
        elif not self.pulse_pa:
            self.pulse_pa = rise_pa // self._pulse_ticks
        self.level_pa = level_pa
        if level_pa >= self._charge_pa:
            return CHARGED
        self._start_pulse()
        return BUSY

    def _start_pulse(self) -> None:
        self.pump_permille = _PUMP_PERMILLE
        self._enter(_PULSE)

    def _enter(self, phase: int) -> None:
        self._phase = phase
        self._ticks = 0
        self._sum = 0


class LineTest:
    """Propose `chambers` (bits) and, in `charger`, the pump's pulses, until `done`.

    Results, bits by chamber: `slow` (its air comes or goes slowly), `closed` (it takes no air).
    `uncharged`: the manifold cannot be charged. `zero_pa`: the reading with empty chambers open.
    `installed` are the board's chambers.
    """

    def __init__(self, installed: int) -> None:
        self.chambers = 0
        self.charger = PulseCharger()
        self._installed = installed
        self._is_charging = False
        self._ticks = 0
        self._sum = 0
        self.begin(False)

    def begin(
        self, pulses_allowed: bool, checks_pump: bool = False, is_high: bool = False
    ) -> None:
        """Start a test; without `pulses_allowed` only the pressure left in the lines is checked.

        `checks_pump`: first see whether a pump runs that should not. `is_high`: test at the
        higher pressure from the start, as the sensor's zero may be wrong.
        """
        self.done = False
        self.uncharged = False
        self.slow = 0
        self.closed = 0
        self.zero_pa = 0
        self.pulses_allowed = pulses_allowed
        self._is_high = is_high
        self._is_reference = False  # how long does the closed manifold keep its pressure?
        self._suspect = 0  # failed once, which may be a leg that moved just then
        self._flows_slowly = 0  # a closed valve lets no air through
        self._retry = 0  # to be tested again in the next round
        self._remaining = 0  # of the chamber: permille of the test pressure after _QUICK_TICK …
        self._fall = 0  # … and lost between that and _LATE_TICK
        self._quick_pa = 0
        self._round = 0
        self._age_ticks = 0
        self._pending = self._installed
        self._bit = 1
        self._high_pa = -limits.PRESSURE_TRIP_PA
        self._low_pa = limits.PRESSURE_TRIP_PA
        if checks_pump:
            self.charger.reset(_PUMP_CHECK_TICKS)
        else:
            self.charger.reset(SHORT_TICKS if pulses_allowed else _NO_PUMP_TICKS)
        self._close()

    @property
    def sensor_moved(self) -> bool:
        """Return whether the reading has changed at all during the test."""
        return self._high_pa - self._low_pa >= limits.FROZEN_PA

    @property
    def passed_at_once(self) -> bool:
        """Return whether a completed test passed every line in the first round."""
        return self._round == 1 and not self.uncharged

    def step(self, pressure_pa: int, trend_pa: int) -> None:
        """Run one tick; `trend_pa` is the pressure without its noise."""
        if trend_pa > self._high_pa:
            self._high_pa = trend_pa
        if trend_pa < self._low_pa:
            self._low_pa = trend_pa
        self._age_ticks += 1
        if self._is_charging:
            self._charge(pressure_pa)
            return
        self._ticks += 1
        ticks = self._ticks
        if ticks > _QUICK_TICK - _MEAN:
            self._sum += pressure_pa
        if ticks == _QUICK_TICK:
            self._quick_pa = self._sum // _MEAN
            fallen_pa = min(self.charger.level_pa >> 2, _FALLEN_PA)
            if not self._is_reference and self._quick_pa <= fallen_pa:
                self._evaluate(self._quick_pa)
        elif ticks == _LATE_TICK - _MEAN:
            self._sum = 0
        elif ticks == _LATE_TICK:
            self._evaluate(self._sum // _MEAN)

    def _charge(self, pressure_pa: int) -> None:
        result = self.charger.step(pressure_pa)
        if result == NO_RISE:
            self.uncharged = True
            self.done = True
        elif result != BUSY:
            self._is_charging = False
            self.chambers = 0 if self._is_reference else self._bit

    def _evaluate(self, late_pa: int) -> None:
        """Evaluate a look at the open chamber, or at the closed manifold after it."""
        level_pa = max(1, self.charger.level_pa)
        remaining = self._quick_pa * 1000 // level_pa
        fall = (self._quick_pa - late_pa) * 1000 // level_pa
        if self._is_reference:
            self._is_reference = False
            self._compare_with_closed(remaining, fall)
            self._next_chamber()
        elif self._evaluate_chamber(late_pa, level_pa, remaining, fall):
            self._is_reference = True
            self._close()
        else:
            self.zero_pa = late_pa if self._bit == 1 else (self.zero_pa + late_pa) >> 1
            self._next_chamber()

    def _evaluate_chamber(self, late_pa: int, level_pa: int, remaining: int, fall: int) -> bool:
        """Return whether the closed manifold has to be measured for comparison.

        Two fifths of the test pressure may stay: the guard, which requires a fall below the
        half, is then sure to agree.
        """
        bit = self._bit
        self._remaining = remaining
        self._fall = fall
        if fall <= -_SLOW_PERMILLE:
            self._flows_slowly |= bit
        if late_pa >= _VENTED_PA or self._quick_pa >= _VENTED_PA:  # long enough for the guard
            self._retry |= bit
        if self.pulses_allowed and (abs(fall) > _SLOW_PERMILLE or late_pa * 5 >= level_pa * 2):
            self._retry |= bit
            if self._age_ticks > _OLD_TICKS and fall > 0 and late_pa * 2 < level_pa:
                self.slow |= bit  # lets air through, but never in all this time like a free one
            elif self._round:
                return True
        elif self._suspect:
            self._clear()
        return False

    def _compare_with_closed(self, remaining: int, fall: int) -> None:
        """Compare the chamber with the closed manifold, both as permille of the test pressure."""
        bit = self._bit
        extra = remaining - self._remaining
        if abs(self._fall - max(fall, 0)) >= _SLOW_PERMILLE or extra >= _SAME_PERMILLE:
            self._flows_slowly |= bit
        if abs(self._fall) < _SLOW_PERMILLE and abs(extra) >= _SAME_PERMILLE:
            self._clear()  # at once to the pressure of a chamber that a leg presses on
            return
        confirmed = bit & self._suspect if self.sensor_moved else bit
        self._suspect |= bit
        if bit & self._flows_slowly:
            self.slow |= confirmed
        else:
            self.closed |= confirmed

    def _clear(self) -> None:
        """Clear all findings of this chamber."""
        others = ~self._bit
        self._suspect &= others
        self.slow &= others
        self.closed &= others
        self._flows_slowly &= others

    def _next_chamber(self) -> None:
        """Go on to the next chamber; after the last, test those that failed again."""
        left = self._pending & (-self._bit << 1)
        if not left:
            self._round += 1
            left = self._pending = self._retry
            self._retry = 0
            if not left or (
                self.slow | self.closed
                and (
                    (self._round > _ROUNDS and self._age_ticks > _AGE_TICKS)
                    or not self.sensor_moved
                )
            ):
                self.done = True
                return
        self._bit = left & -left
        self._close()

    def _close(self) -> None:
        """Close all valves and charge the manifold."""
        self.chambers = 0
        self._is_charging = True
        self._ticks = 0
        self._sum = 0
        is_high = self._is_high or self._round > 0
        self.charger.begin(self.pulses_allowed, _HIGH_CHARGE_PA if is_high else CHARGE_PA)
