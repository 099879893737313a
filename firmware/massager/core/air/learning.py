"""What the air has learnt of this leg, its wrap and its pump; kept through power-off."""

from micropython import const

from massager.core.signals import PATTERNS, STAGES

_SHIFT = const(2)  # a quarter of the news each time
_COLD = PATTERNS * STAGES  # the first cycle of a session fills empty chambers


class Learnt:
    """A view of `settings`; `index` counts stages, see patterns.index. 0: not known yet."""

    def __init__(self, settings):
        self._settings = settings

    def fill_ms(self, index, cold):
        """Pumping that this stage takes, as time at full flow."""
        return self._settings.air_fill_ms[index + _COLD if cold else index]

    def slope_pa(self, index):
        """Rise in 120 ms at full flow, once the slack is taken up."""
        return self._settings.air_slope_pa[index]

    @property
    def stroke_pa(self):
        """Rise of the closed manifold in one tick of pumping."""
        return self._settings.air_stroke_pa

    def keep_fill(self, index, cold, fill_ms, slope_pa):
        """A stage was filled as it should be."""
        settings = self._settings
        at = index + _COLD if cold else index
        settings.air_fill_ms[at] = _mean(settings.air_fill_ms[at], fill_ms)
        if slope_pa > 0:
            settings.air_slope_pa[index] = _mean(settings.air_slope_pa[index], slope_pa)

    def forget_fill(self, index, cold):
        """The stage is not what it was."""
        self._settings.air_fill_ms[index + _COLD if cold else index] = 0

    def keep_stroke(self, stroke_pa):
        """A stroke against closed valves was as it should be."""
        self._settings.air_stroke_pa = _mean(self._settings.air_stroke_pa, stroke_pa)

    def keep_rest(self, rest_ms):
        """Chambers empty on in a rest: with another rest the fills are learnt anew."""
        settings = self._settings
        if settings.air_rest_ms != rest_ms:
            settings.air_rest_ms = rest_ms
            for index in range(_COLD):
                settings.air_fill_ms[index] = 0


def _mean(known, fresh):
    return known + ((fresh - known) >> _SHIFT) if known else fresh
