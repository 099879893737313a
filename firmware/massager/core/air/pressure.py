"""Convert the voltage of the pressure sensor to pascals above ambient."""

from micropython import const

from massager.core import limits
from massager.core.signals import Settings
from massager.core.units import clamp

_VOLTAGE_MAX_UV = const(4_000_000)  # above every chip's rail
_SPIKE_PA = const(2_000)  # [physics] more than the manifold moves in 10 ms, but as a valve opens


class PressureSensor:
    """Measure with a linear gauge sensor: `zero_uv` at ambient, `uv_per_kpa` above it, at the pin.

    `pressure_pa` is the manifold's pressure for the regulator. Its zero is that of bring-up
    (`settings.pressure_offset_uv` against the data sheet) until `correct_zero`. `guard_pa` is
    the same for the guard, always with the zero of bring-up: a sensor whose supply sags must
    not teach both a wrong one.
    """

    def __init__(self, zero_uv: int, uv_per_kpa: int, settings: Settings) -> None:
        self.pressure_pa = 0
        self.guard_pa = 0
        self._uv_per_10_pa = uv_per_kpa // 100
        self._guard_zero_uv = zero_uv + settings.pressure_offset_uv
        self._zero_uv = self._guard_zero_uv
        self._spike_uv = _SPIKE_PA * self._uv_per_10_pa // 10
        self._last_uv = self._guard_zero_uv  # a power-up begins without pressure
        self._is_held = False

    def step(self, pin_uv: int) -> None:
        """Take one reading; results are far out of range where the wire is broken.

        A reading more than _SPIKE_PA off the last one is a spike and is dropped, unless the next
        one is as far off.
        """
        last_uv = self._last_uv
        self._is_held = not self._is_held and abs(pin_uv - last_uv) > self._spike_uv
        if not self._is_held:
            self._last_uv = last_uv = pin_uv
        self.pressure_pa = self._convert(last_uv - self._zero_uv)
        self.guard_pa = self._convert(last_uv - self._guard_zero_uv)

    def correct_zero(self, shown_pa: int) -> None:
        """Take over the zero: the sensor shows `shown_pa` without any pressure.

        A zero farther than PRESSURE_DRIFT_PA from that of bring-up belongs to a broken sensor
        or supply and is ignored.
        """
        zero_uv = self._zero_uv + shown_pa * self._uv_per_10_pa // 10
        drift_uv = abs(zero_uv - self._guard_zero_uv)
        if drift_uv * 10 <= limits.PRESSURE_DRIFT_PA * self._uv_per_10_pa:
            self._zero_uv = zero_uv

    def _convert(self, uv: int) -> int:
        if not -_VOLTAGE_MAX_UV <= uv <= _VOLTAGE_MAX_UV:
            uv = clamp(uv, -_VOLTAGE_MAX_UV, _VOLTAGE_MAX_UV)
        return uv * 10 // self._uv_per_10_pa
