"""From voltages at the chip's pins to physical units: the way in to everything that measures."""

from micropython import const

from massager.core.air.pressure import PressureSensor
from massager.core.heat.thermistor import WHOLE, Rail, Thermistor
from massager.core.signals import ABSENT

_RPM_US = const(60_000_000)  # one turn a minute lasts this long
_RPM_MAX = const(10_000)  # faster than any motor here: a glitch, and bounded for the guards


class Measure:
    """Fills `measured` from `Inputs`; built from the board's sensor data."""

    def __init__(self, board, settings, measured):
        sensor = board["pressure_sensor"]
        self._measured = measured
        self._pad_a = Thermistor(board["ntc_table"], settings.pad_a_offset_mc)
        self._pad_b = Thermistor(board["ntc_table"], settings.pad_b_offset_mc)
        self._rail = None
        if "rail" in board["roles"]:
            self._rail = Rail(board["ntc"]["rail_mv"] * board["rail_divider"]["permille"])
        zero_uv = sensor["zero_mv"] * 1000 + settings.pressure_offset_uv
        self._pressure = PressureSensor(zero_uv, sensor["uv_per_kpa"])
        self._supply_permille = board["supply_divider"]["permille"]
        self._pulses_per_turn = board["tach_pulses_per_turn"]

    def step_fast(self, inputs):
        """Each tick: pressure and speed; collects readings of the pad."""
        measured = self._measured
        self._pad_a.add(inputs.pad_a_uv)
        self._pad_b.add(inputs.pad_b_uv)
        if self._rail is not None:
            self._rail.add(inputs.rail_uv)
        measured.pressure_pa = self._pressure.pressure_pa(inputs.pressure_uv)
        if inputs.tach_edges != ABSENT:
            period_us = inputs.tach_period_us * self._pulses_per_turn
            measured.motor_rpm = min(_RPM_US // period_us, _RPM_MAX) if period_us > 0 else 0

    def step_slow(self, inputs):
        """Every tenth tick: the pad's temperature and the supply."""
        measured = self._measured
        rail = self._rail
        scale = WHOLE
        if rail is not None:
            rail.convert()
            scale = rail.scale
        a_mc = self._pad_a.convert(scale)
        b_mc = self._pad_b.convert(scale)
        measured.pad_temp_a_mc = a_mc
        measured.pad_temp_b_mc = b_mc
        measured.pad_temp_mc = a_mc if a_mc > b_mc else b_mc
        if inputs.supply_uv != ABSENT:
            measured.supply_mv = inputs.supply_uv // self._supply_permille
