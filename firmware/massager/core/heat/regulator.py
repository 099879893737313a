"""Holds the pad at its set-point: full power far below, integer PI near it."""

from micropython import const

from massager.core.pi import PI

_P_GAIN = const(256)  # 1/4 permille per milli-degree: full power 4 °C below
_I_GAIN = const(1)  # 1/1024 permille per milli-degree and 100 ms
_ERROR_MAX_MC = const(20_000)


class HeatRegulator:
    """Proposes `enable` and `permille` for the heating pad, ten times a second."""

    def __init__(self):
        self.enable = False
        self.permille = 0
        self._pi = PI(_P_GAIN, _I_GAIN, _ERROR_MAX_MC)

    def off(self):
        """No heat, and no memory of it."""
        self.enable = False
        self.permille = 0
        self._pi.reset()

    def step(self, set_mc, pad_temp_mc):
        """One 100 ms step towards `set_mc`, on the hotter of the two sensors."""
        self.enable = True
        self.permille = self._pi.step(set_mc - pad_temp_mc)
