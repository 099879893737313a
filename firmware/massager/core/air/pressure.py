"""From the voltage of the pressure sensor to pascals above ambient."""

from micropython import const

from massager.core import limits
from massager.core.units import clamp

_MOST_UV = const(4_000_000)  # above every chip's rail


class PressureSensor:
    """A linear gauge sensor: `zero_uv` at ambient, `uv_per_kpa` above it, at the chip's pin.

    Its zero by the data sheet is corrected by `settings.pressure_offset_uv`.
    """

    def __init__(self, zero_uv, uv_per_kpa, settings):
        self._settings = settings
        self._sheet_uv = zero_uv
        self._uv_per_10_pa = uv_per_kpa // 100
        self._zero_uv = zero_uv + settings.pressure_offset_uv

    def pressure_pa(self, pin_uv):
        """Manifold pressure in Pa; far outside the valid range where the wire is broken."""
        uv = pin_uv - self._zero_uv
        if not -_MOST_UV <= uv <= _MOST_UV:
            uv = clamp(uv, -_MOST_UV, _MOST_UV)
        return uv * 10 // self._uv_per_10_pa

    def correct_zero(self, shown_pa):
        """The sensor shows `shown_pa` where there is certainly no pressure: learn that.

        A zero farther off the data sheet than PRESSURE_ZERO_PA is a broken sensor's and is
        not learnt.
        """
        zero_uv = self._zero_uv + shown_pa * self._uv_per_10_pa // 10
        if abs(zero_uv - self._sheet_uv) * 10 <= limits.PRESSURE_ZERO_PA * self._uv_per_10_pa:
            self._zero_uv = zero_uv
            self._settings.pressure_offset_uv = zero_uv - self._sheet_uv
