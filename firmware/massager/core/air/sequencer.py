"""Squeezes the leg: chambers fill one after the other, hold, and vent together.

A chamber whose valve is energised is on the manifold, so the sensor sees all that can
hold pressure. Venting is proved in every cycle: all valves are released, which is the
fastest way out, then the chambers are opened to the idle manifold, where the sensor must
find nothing left in any of them.
"""

from micropython import const

from massager.core import limits
from massager.core.units import ticks_diff

REST = const(0)  # everything released
FILL = const(1)  # one more chamber joins the manifold, the pump runs
HOLD = const(2)  # pump off, all chambers joined
VENT = const(3)  # chambers open to atmosphere
PROVE = const(4)  # chambers on the idle manifold: the sensor must see less than VENTED_PA

_REST_MS = const(4_000)
_HOLD_MS = const(5_000)  # [trial] squeezed for 5 s
_VENT_MS = const(3_000)  # [physics] 30 → 5 mmHg through 1 mm takes up to 5.1 s, 2 mm 1.3 s
_SETTLE_MS = const(300)  # pump spin-down and manifold after a valve has moved
_PUMP_PERMILLE = const(1000)  # a diaphragm pump does not start below 75 %


class AirSequencer:
    """Proposes `pump_permille`, `chambers` (bit mask) and `exhaust` each tick.

    `phase` and `cycles` tell where it is; `chamber_count` 2…4, chamber 1 most distal.
    """

    def __init__(self, chamber_count, has_exhaust):
        self.pump_permille = 0
        self.chambers = 0
        self.exhaust = False
        self.phase = REST
        self.cycles = 0
        self._all = (1 << chamber_count) - 1
        self._has_exhaust = has_exhaust
        self._since_ms = 0
        self._waiting = False  # the time of this phase runs since _since_ms
        self._stopping = False

    def off(self):
        """Release everything at once; the next step starts from rest."""
        self._release()
        self.phase = REST
        self._waiting = False
        self._stopping = False

    def stop(self):
        """Release everything at once, then let the steps that follow prove the vent.

        `phase` is REST again when that is done.
        """
        resting = self.phase == REST
        self.off()
        if not resting:
            self.phase = VENT
            self._stopping = True

    def step(self, now_ms, pressure_pa, set_pa):
        """One tick of the cycle towards `set_pa`."""
        if not self._waiting:
            self._waiting = True
            self._since_ms = now_ms
        phase = self.phase
        elapsed_ms = ticks_diff(now_ms, self._since_ms)
        if phase == FILL:
            if pressure_pa >= set_pa:
                if self.chambers == self._all:
                    self._enter(HOLD, now_ms)
                    self.pump_permille = 0
                else:
                    self._join_next(now_ms)
            elif elapsed_ms > limits.INFLATE_MAX_MS:
                self._vent(now_ms)
        elif phase == HOLD:
            if elapsed_ms >= _HOLD_MS:
                self._vent(now_ms)
        elif phase == VENT:
            if elapsed_ms >= _VENT_MS:
                self._enter(PROVE, now_ms)
                self.chambers = self._all
        elif phase == PROVE:
            if elapsed_ms >= _SETTLE_MS and pressure_pa < limits.VENTED_PA:
                self.chambers = 0
                self.cycles += 1
                self._stopping = False
                self._enter(REST, now_ms)
        elif elapsed_ms >= _REST_MS and not self._stopping:
            self.exhaust = self._has_exhaust
            self._join_next(now_ms)
            self.pump_permille = _PUMP_PERMILLE

    def _join_next(self, now_ms):
        self.chambers = self.chambers << 1 | 1
        self._enter(FILL, now_ms)

    def _vent(self, now_ms):
        self._release()
        self._enter(VENT, now_ms)

    def _release(self):
        self.pump_permille = 0
        self.chambers = 0
        self.exhaust = False

    def _enter(self, phase, now_ms):
        self.phase = phase
        self._since_ms = now_ms
