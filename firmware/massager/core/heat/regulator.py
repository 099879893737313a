"""Regulate the pad to its set-point: as fast as the pad allows, without overshoot.

The thermistors lag, and the pad goes on warming after the power is cut. So an observer, a
small model of pad and sensor, is corrected by every reading. Its state `pad` is the
temperature that the pad would reach if the power stopped now. Its state `hold` is the power
that would just hold the pad: the feed-forward and, because it takes up every error of the
model, the integral too. The law is proportional around that: full power until the predicted
pad meets the set-point, then a smooth hand-over. The observer gets the power that was
really applied, so nothing winds up at full power, in a cut or in a pause.

Temperatures inside are 1/1024 m°C, powers 1/1024 permille; a step is 100 ms.
"""

from micropython import const

from massager.core import limits
from massager.core.units import clamp

_BITS = const(10)
_HALF = const(512)
# A pad in the middle of 7–24 W and 40–80 J/K, rather fast than slow: 0.4 °C/s at full
# power. The law is stable from a quarter to twice that, so one set of gains is enough.
_RATE = const(41)  # 1/1024 m°C a step and permille
_LAG_STEPS = const(90)  # sensor 8 s and the pad's own wire-to-face lag of a second
# Three equal poles at 0.3/s: slow enough for 0.1 °C of noise, faster than any pad.
_SENSOR_GAIN = const(81)
_PAD_GAIN = const(168)
_HOLD_GAIN = const(62)
_INNOVATION_MAX_MC = const(5_000)
_HOLD_MAX = const(1_500 << 10)
_PAD_MAX = const(200_000 << 10)
_P_GAIN = const(1_792)  # 1.75 permille a m°C: what the model pad covers in 1.4 s
_ERROR_MAX_MC = const(3_000)

# A thermistor sits nearer to the wire than the skin does: the more power, the more its
# reading leads the face. At more than its usual power the pad may read a little above its
# set-point; by how much follows from its slope in the warm-up.
_LEARN_STEPS = const(100)
_LEARN_DIVISOR = const(3_963)  # ms of unlagged slope in a lagged ramp of 10 s
_LEAD_FROM_MC_PER_S = const(150)  # the lead of a slower pad does not matter
_LEAD_RATE_MAX_MC_PER_S = const(500)
_LEAD_RATE_UNKNOWN_MC_PER_S = const(150)
_LEAD_S = const(6)
_USUAL_PERMILLE = const(400)  # until it is learnt
_USUAL_STEPS = const(800)
_RECENT_STEPS = const(50)


class HeatRegulator:
    """Request `enable` and `permille` for the heating pad, ten times a second."""

    def __init__(self) -> None:
        self.enable = False
        self.permille = 0
        self._sensor = 0
        self._pad = 0  # the temperature it would reach without power
        self._hold = 0
        self._started = False
        self._recent = 0  # mean power of the last seconds
        self._usual = _USUAL_PERMILLE << _BITS  # mean power of the last minutes
        self._rate_mc_per_s = _LEAD_RATE_UNKNOWN_MC_PER_S
        self._full_steps = 0
        self._learn_from_mc = 0

    def off(self) -> None:
        """Request no heat; the observer goes on."""
        self.enable = False
        self.permille = 0
        self._full_steps = 0

    def follow(self, pad_temp_mc: int, permille: int) -> None:
        """Advance the observer by 100 ms: the hotter reading, and the power applied."""
        if not self._started:
            self._started = True
            self._sensor = self._pad = pad_temp_mc << _BITS
        innovation_mc = clamp(
            pad_temp_mc - (self._sensor + _HALF >> _BITS), -_INNOVATION_MAX_MC, _INNOVATION_MAX_MC
        )
        surplus = permille - (self._hold >> _BITS)
        self._sensor += (self._pad - self._sensor) // _LAG_STEPS + innovation_mc * _SENSOR_GAIN
        pad = self._pad + surplus * _RATE + innovation_mc * _PAD_GAIN
        self._pad = clamp(pad, -_PAD_MAX, _PAD_MAX)
        self._hold = clamp(self._hold - innovation_mc * _HOLD_GAIN, -_HOLD_MAX, _HOLD_MAX)
        if self.enable:
            self._learn(permille)

    def step(self, set_mc: int) -> None:
        """Request the power for the next 100 ms towards `set_mc`; call `follow` first."""
        if not self.enable:
            self.enable = True
            self._recent = self._usual
        set_mc = clamp(set_mc, limits.HEAT_SET_MIN_MC, limits.HEAT_SET_MAX_MC)
        target_mc = set_mc + self._lead_mc(set_mc)
        error_mc = clamp(target_mc - (self._pad >> _BITS), -_ERROR_MAX_MC, _ERROR_MAX_MC)
        self.permille = clamp(self._hold + error_mc * _P_GAIN >> _BITS, 0, 1000)

    def _learn(self, permille: int) -> None:
        """Learn the pad's slope at full power, and its usual power."""
        power = permille << _BITS
        self._recent += (power - self._recent) // _RECENT_STEPS
        if permille < 1000:
            self._usual += (power - self._usual) // _USUAL_STEPS
            self._full_steps = 0
            return
        if self._full_steps == 0:
            drift = (self._hold >> _BITS) * _RATE * _LEARN_STEPS
            self._learn_from_mc = (self._sensor - drift) >> _BITS
        self._full_steps += 1
        if self._full_steps == _LEARN_STEPS:
            risen_mc = (self._sensor >> _BITS) - self._learn_from_mc
            rate = clamp(risen_mc, 0, 10_000) * 1000 // _LEARN_DIVISOR
            self._rate_mc_per_s = min(rate, _LEAD_RATE_MAX_MC_PER_S)

    def _lead_mc(self, set_mc: int) -> int:
        """Return by how much the reading may exceed the set-point at this power, m°C."""
        rate = self._rate_mc_per_s - _LEAD_FROM_MC_PER_S
        if rate <= 0 or self._recent <= self._usual:
            return 0
        lead_mc = _LEAD_S * rate * (self._recent - self._usual >> _BITS) // 1000
        room_mc = max(0, limits.HEAT_BOOST_MC - set_mc)
        return min(lead_mc, room_mc, limits.HEAT_LEAD_MAX_MC)
