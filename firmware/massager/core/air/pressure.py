"""From the voltage of the pressure sensor to pascals above ambient."""

from massager.core.units import clamp


class PressureSensor:
    """A linear gauge sensor: `zero_uv` at ambient, `uv_per_kpa` above it, at the chip's pin."""

    def __init__(self, zero_uv, uv_per_kpa):
        self._zero_uv = zero_uv
        self._uv_per_10_pa = uv_per_kpa // 100

    def pressure_pa(self, pin_uv):
        """Manifold pressure in Pa; far outside the valid range where the wire is broken."""
        return clamp(pin_uv - self._zero_uv, -4_000_000, 4_000_000) * 10 // self._uv_per_10_pa
