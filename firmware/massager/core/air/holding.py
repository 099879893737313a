"""The hold of a stage: tops up what leaks, and notes how much that was."""

from micropython import const

from massager.core import limits
from massager.core.air.filling import BURST, BURST_PA, BUSY

_SETTLED_TICKS = const(30)  # the pressure is what it is
_MIN_MS = const(2_000)  # less tells nothing of a leak
_LAST_STROKE_MS = const(800)  # what the pump still gives goes into the chambers
_SLOPE_MS = const(120)  # in which a slope is counted


class Holding:
    """Goes on where `filling` got ready."""

    def __init__(self, filling, diagnosis):
        self._filling = filling
        self._diagnosis = diagnosis
        self._ticks = 0
        self._air_ms = 0
        self._pa = 0

    def begin(self):
        """The pressure is reached."""
        self._ticks = 0

    def step(self, pressure_pa, set_pa, left_ms):
        """One tick: BUSY, or BURST. At the end of the hold the pump has come to rest."""
        pump = self._filling.pump
        if pump.permille and pressure_pa - pump.trend.pa > BURST_PA:
            pump.off()
            return BURST
        if left_ms > _LAST_STROKE_MS:
            pump.step(set_pa)
        else:
            pump.permille = 0
        self._ticks += 1
        if self._ticks == _SETTLED_TICKS:
            self._air_ms = pump.air_ms
            self._pa = pump.trend.pa
            self._filling.learn(set_pa - pump.trend.pa)
        return BUSY

    def finish(self):
        """The hold is over: what did it lose, what the pump made up for included?"""
        hold_ms = (self._ticks - _SETTLED_TICKS) * limits.AIR_TICK_MS
        if hold_ms < _MIN_MS:
            return
        pump = self._filling.pump
        learnt_pa = self._diagnosis.learnt.slope_pa(self._filling.index)
        slope_pa = max(pump.full_slope_pa, learnt_pa)
        made_up_pa = (pump.air_ms - self._air_ms) * slope_pa // _SLOPE_MS
        self._diagnosis.held(made_up_pa + self._pa - pump.trend.pa, hold_ms)
