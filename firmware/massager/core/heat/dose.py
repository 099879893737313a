"""How much heat the skin has had: CEM43, cumulative equivalent minutes at 43 °C."""

from micropython import const

from massager.core import limits
from massager.core.units import clamp

_FROM_MC = const(37_000)  # below this the dose is nothing: 0.25**6 of a minute a minute
_STEP_MC = const(100)
_SCALE = const(10_000)
_UNIT = 10 * _SCALE  # units in one second, at ten steps a second


def _rate_table():
    """Dose units a 100 ms step every 0.1 °C from 37 °C to 50 °C: R**(43-T), R 0.25 | 0.5."""
    rates = []
    for tenth in range(131):
        above_43 = tenth / 10 - 6
        rates.append(round(_SCALE * (2**above_43 if above_43 > 0 else 4**above_43)))
    return tuple(rates)


class HeatDose:
    """Counts `seconds` of CEM43 of the hotter sensor."""

    def __init__(self, seconds=0):
        self.seconds = seconds
        self._units = 0
        self._rates = _rate_table()

    @property
    def spent(self):
        """True once heat has to end for this session."""
        return self.seconds >= limits.DOSE_END_CEM43_S

    def step(self, pad_temp_mc):
        """Add 100 ms at `pad_temp_mc`."""
        if pad_temp_mc < _FROM_MC:
            return
        index = clamp((pad_temp_mc - _FROM_MC) // _STEP_MC, 0, 130)
        self._units += self._rates[index]
        while self._units >= _UNIT:
            self._units -= _UNIT
            self.seconds += 1
