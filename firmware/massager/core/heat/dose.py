"""Count the thermal dose of the skin in CEM43, cumulative equivalent minutes at 43 °C.

A minute at T counts R**(43-T) minutes, with R 0.5 at and above 43 °C and 0.25 below. It
doubles with each degree above, and halves twice with each degree below. So whole doublings
are shifts, and a table of tenths covers the rest.

No clock runs while the power is off, so the dose fades only in rest that the device has
measured: 60 min of CEM43 in 8 h. That allows 240 min in 24 h to one who heats around the
clock, a third of the lowest dose that burns. Unplugging leaves the dose as it was.
"""

from micropython import const

from massager.core import limits
from massager.core.units import clamp

_FULL_MC = const(43_000)
_COLDEST_MC = const(33_000)  # 4**-10 of a minute a minute: nothing
_HOTTEST_MC = const(51_900)  # 2**9: the units of a step must stay a small integer
_RESTING_MC = const(37_000)  # core temperature: below it, no heat comes from the pad
_ONE = const(1 << 20)  # units of 100 ms at 43 °C
_UNIT = const(10 << 20)  # units of a second
_REST_STEPS = limits.DOSE_REST_S * limits.SLOW_TICKS
_LEFT_MAX_MIN = const(999)


class HeatDose:
    """Count `seconds` of CEM43 of the hotter thermistor, from the stored `seconds` on.

    `spent` is True from the end of the dose until enough of it has faded, through power-off too.
    """

    def __init__(self, seconds: int = 0, spent: bool = False) -> None:
        self.seconds = clamp(seconds, 0, limits.DOSE_MOST_CEM43_S)
        self.spent = self.seconds >= limits.DOSE_END_CEM43_S or (
            spent and self.seconds >= limits.DOSE_AGAIN_CEM43_S
        )
        self._units = 0
        self._rest_steps = 0
        self._doubling = tuple([round(_ONE * 2 ** (tenth / 10)) for tenth in range(11)])

    def step(self, pad_temp_mc: int) -> None:
        """Add 100 ms at `pad_temp_mc`; a reading that no pad can have counts nothing."""
        if not limits.NTC_MIN_MC <= pad_temp_mc <= limits.NTC_MAX_MC:
            return
        if pad_temp_mc < _RESTING_MC:
            self._rest()
        if self.seconds < limits.DOSE_MOST_CEM43_S:
            self._units += self._rate(pad_temp_mc)
            while self._units >= _UNIT:
                self._units -= _UNIT
                self.seconds += 1
        if self.seconds >= limits.DOSE_END_CEM43_S:
            self.spent = True
        elif self.seconds < limits.DOSE_AGAIN_CEM43_S:
            self.spent = False

    def left_min(self, pad_temp_mc: int) -> int:
        """Return the whole minutes until the dose is spent at `pad_temp_mc`, 0…999."""
        left_s = limits.DOSE_END_CEM43_S - self.seconds
        if left_s <= 0 or self.spent:
            return 0
        rate = self._rate(pad_temp_mc) >> 6
        return min((left_s << 14) // (rate * 60), _LEFT_MAX_MIN) if rate else _LEFT_MAX_MIN

    def stored_s(self, in_session: bool) -> int:
        """Return the seconds to store over power-off; in a session more than were counted.

        Flash is not written while anything is energised. So the value stored at the start
        of a session has to cover a session whose end is never stored. Such estimates add
        up to the end of the dose at most, however often the plug is pulled.
        """
        seconds = self.seconds
        if not in_session or seconds >= limits.DOSE_END_CEM43_S:
            return seconds
        return min(seconds + limits.DOSE_RESERVE_CEM43_S, limits.DOSE_END_CEM43_S)

    def _rest(self) -> None:
        """Let one second fade after DOSE_REST_S of rest."""
        self._rest_steps += 1
        if self._rest_steps >= _REST_STEPS:
            self._rest_steps = 0
            if self.seconds > 0:
                self.seconds -= 1

    def _rate(self, temp_mc: int) -> int:
        """Return the units that 100 ms at `temp_mc` count."""
        above_mc = clamp(temp_mc, _COLDEST_MC, _HOTTEST_MC) - _FULL_MC
        if above_mc < 0:
            above_mc *= 2
        doublings = above_mc // 1000
        above_mc -= doublings * 1000
        tenth = above_mc // 100
        above_mc -= tenth * 100
        low = self._doubling[tenth]
        rate = low + (self._doubling[tenth + 1] - low) * above_mc // 100
        return rate << doublings if doublings >= 0 else rate >> -doublings
