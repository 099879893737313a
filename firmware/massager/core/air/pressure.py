"""Convert the voltage of the pressure sensor to pascals above ambient."""

from micropython import const

from massager.core import limits
from massager.core.signals import Settings
from massager.core.units import clamp

_VOLTAGE_MAX_UV = const(4_000_000)  # above every chip's rail


class PressureSensor:
    """A linear gauge sensor: `zero_uv` at ambient, `uv_per_kpa` above it, at the chip's pin.

    The zero of the data sheet is corrected by `settings.pressure_offset_uv`.
    """

    def __init__(self, zero_uv: int, uv_per_kpa: int, settings: Settings) -> None:
        self._settings = settings
        self._sheet_uv = zero_uv
        self._uv_per_10_pa = uv_per_kpa // 100
        self._zero_uv = zero_uv + settings.pressure_offset_uv

    def pressure_pa(self, pin_uv: int) -> int:
        """Return the manifold pressure in Pa; far out of range where the wire is broken."""
        uv = pin_uv - self._zero_uv
        if not -_VOLTAGE_MAX_UV <= uv <= _VOLTAGE_MAX_UV:
            uv = clamp(uv, -_VOLTAGE_MAX_UV, _VOLTAGE_MAX_UV)
        return uv * 10 // self._uv_per_10_pa

    def correct_zero(self, shown_pa: int) -> None:
        """Learn the zero: the sensor shows `shown_pa` without any pressure.

        A zero farther than PRESSURE_ZERO_PA from the data sheet belongs to a broken sensor and
        is ignored.
        """
        zero_uv = self._zero_uv + shown_pa * self._uv_per_10_pa // 10
        if abs(zero_uv - self._sheet_uv) * 10 <= limits.PRESSURE_ZERO_PA * self._uv_per_10_pa:
            self._zero_uv = zero_uv
            self._settings.pressure_offset_uv = zero_uv - self._sheet_uv
