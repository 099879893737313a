"""Convert voltages at the chip's pins to physical units."""

from micropython import const

from massager.core import limits
from massager.core.air.pressure import PressureSensor
from massager.core.heat.thermistor import WHOLE, Rail, Thermistor, ntc_table
from massager.core.motor.tach import TachSpeed
from massager.core.signals import ABSENT, Inputs, Measurements, Settings
from massager.core.units import clamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SUPPLY_MAX_MV = const(32_000)
_SUPPLY_SHIFT = const(1)  # the supply is smoothed over 40 ms: shorter than any motor's answer


class PinMean:
    """Average the readings of a pin, without spikes.

    A reading farther than PIN_SPIKE_UV from the last mean is one; before the first mean, one
    that is so far from the reading before it. Where half of the readings are as far, the last
    mean is kept once; after that they are the pin's new level.
    """

    def __init__(self) -> None:
        self._reference_uv = ABSENT
        self._has_mean = False
        self._is_kept = False
        self._clear()

    def add(self, pin_uv: int) -> None:
        """Take one reading, in µV."""
        self._sum_uv += pin_uv
        self._count += 1
        if abs(pin_uv - self._reference_uv) <= limits.PIN_SPIKE_UV:
            self._near_uv += pin_uv
            self._near += 1
        if not self._has_mean:
            self._reference_uv = pin_uv

    def take(self) -> int:
        """Return the mean in µV of what was added since the last call, at least one reading."""
        mean_uv = self._reference_uv
        if self._near * 2 > self._count:
            mean_uv = self._near_uv // self._near
            self._is_kept = False
        elif self._is_kept or not self._has_mean:
            mean_uv = self._sum_uv // self._count
            self._is_kept = False
        else:
            self._is_kept = True
        self._reference_uv = mean_uv
        self._has_mean = True
        self._clear()
        return mean_uv

    def _clear(self) -> None:
        self._sum_uv = 0
        self._count = 0
        self._near_uv = 0
        self._near = 0


class Sensing:
    """Fill `measured` from `Inputs`; built from the board's sensor data."""

    def __init__(
        self, board: "dict[str, Any]", settings: Settings, measured: Measurements
    ) -> None:
        sensor = board["pressure_sensor"]
        self._measured = measured
        self._pad_a = Thermistor(ntc_table(board, "pad_temp_a"), settings.pad_a_offset_mc)
        self._pad_b = Thermistor(ntc_table(board, "pad_temp_b"), settings.pad_b_offset_mc)
        self._rail = None
        if "rail" in board["roles"]:
            self._rail = Rail(board["ntc"]["rail_mv"] * board["rail_divider"]["permille"])
        self._pressure = PressureSensor(sensor["zero_mv"] * 1000, sensor["uv_per_kpa"], settings)
        self._supply_permille = board["supply_divider"]["permille"]
        self._supply_sum_mv = ABSENT  # twice the smoothed supply
        self._tach = TachSpeed(board.get("tach_pulses_per_turn", 1))
        self._pad_a_mean = PinMean()
        self._pad_b_mean = PinMean()
        self._rail_mean = PinMean()

    def correct_pressure_zero(self, shown_pa: int) -> None:
        """Take over the zero, `shown_pa` of the pressure sensor, until power-off."""
        self._pressure.correct_zero(shown_pa)

    def step_fast(self, inputs: Inputs) -> None:
        """Measure the pressure and collect readings of the pad; in each tick."""
        self._pad_a_mean.add(inputs.pad_a_uv)
        self._pad_b_mean.add(inputs.pad_b_uv)
        if self._rail is not None:
            self._rail_mean.add(inputs.rail_uv)
        pressure = self._pressure
        pressure.step(inputs.pressure_uv)
        self._measured.pressure_pa = pressure.pressure_pa
        self._measured.pressure_guard_pa = pressure.guard_pa

    def step_motor(self, inputs: Inputs) -> None:
        """Measure speed and supply; in every second tick."""
        measured = self._measured
        if inputs.tach_edges != ABSENT:
            tach = self._tach
            tach.step(inputs.tach_edges, inputs.tach_turn_us, inputs.tach_age_us)
            measured.motor_rpm = tach.rpm
            measured.motor_updates = tach.updates
            measured.motor_edges = inputs.tach_edges
        if inputs.supply_uv != ABSENT:
            supply_mv = inputs.supply_uv // self._supply_permille
            if not 0 <= supply_mv <= _SUPPLY_MAX_MV:
                supply_mv = clamp(supply_mv, 0, _SUPPLY_MAX_MV)
            total_mv = self._supply_sum_mv
            if total_mv == ABSENT:
                total_mv = supply_mv << _SUPPLY_SHIFT
            total_mv += supply_mv - (total_mv >> _SUPPLY_SHIFT)
            self._supply_sum_mv = total_mv
            measured.supply_mv = total_mv >> _SUPPLY_SHIFT

    def step_slow(self) -> None:
        """Measure the pad's temperature from the mean of what was collected; every tenth tick."""
        measured = self._measured
        scale = WHOLE
        if self._rail is not None:
            scale = self._rail.scale(self._rail_mean.take())
        a_mc = self._pad_a.temp_mc(self._pad_a_mean.take(), scale)
        b_mc = self._pad_b.temp_mc(self._pad_b_mean.take(), scale)
        measured.pad_temp_a_mc = a_mc
        measured.pad_temp_b_mc = b_mc
        measured.pad_temp_mc = a_mc if a_mc > b_mc else b_mc
