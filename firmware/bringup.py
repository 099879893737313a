"""First power-up: one output at a time, briefly and at low power, as a tool commands.

`massager bringup` puts this module onto the chip for as long as it walks, and calls these
functions over the serial line while nothing else runs. Each `drive` is a lease of its own: it
looks, drives, makes every output safe, and only then prints what it saw. A tool that dies or
a cable that is pulled leaves nothing on for longer than the call under way, which is bounded
by limits.BRINGUP_*; a chip that hangs in it is reset by the watchdog. The file that such a tool
leaves behind does nothing by itself; the next walk or flash takes it away.
"""

import json
import time

from board import BOARD

from massager.core import limits, signals
from massager.core.sensing import Sensing
from massager.core.signals import Outputs
from massager.hal.esp32 import Hal
from massager.hal.nvs import NvsStore
from massager.storage import settings_store
from massager.storage.session_log import SessionLog
from massager.storage.settings_store import SettingsStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SETTLE_TICKS = 10  # until the slow measurements have been taken once
_LOOK_TICKS = 30  # means before and after: three of the slow measurements
_READINGS = (
    "pad_a_uv",
    "pad_b_uv",
    "pressure_uv",
    "supply_uv",
    "rail_uv",
    "pad_temp_a_mc",
    "pad_temp_b_mc",
    "pressure_pa",
    "supply_mv",
    "motor_rpm",
)
_BLOCKED_TICKS = 40  # longer than a valve takes that a late tick let go of
_LIGHT = 40  # of 255, as bright as the panel is at night


class _Bench:
    """The hal without the core: read, drive for a tick, and hold what was read."""

    def __init__(self) -> None:
        self.hal = Hal(BOARD)
        self.inputs = signals.Inputs()
        self.measured = signals.Measurements()
        self.measure = Sensing(BOARD, signals.Settings(), self.measured)
        self.nothing = signals.Outputs()
        self.buttons = 0
        self.live = False
        self.blocked_ticks = 0
        self._tick = 0
        self._due_ms = time.ticks_ms()

    def tick(self, outputs: Outputs) -> None:
        """Apply `outputs` for one tick, having read the inputs.

        `live` is the heater's node at the start or in the middle of the tick: the pad's PWM
        has the tick's period, and one sample would see the same half of it for ever.
        """
        self.hal.read(self.inputs)
        self.live = self.inputs.heater_sense == 1
        self.measure.step_fast(self.inputs)
        self.measure.step_motor(self.inputs)
        self._tick += 1
        if self._tick % limits.SLOW_TICKS == 0:
            self.measure.step_slow()
        self.buttons |= self.inputs.buttons
        self.hal.apply(outputs, self._tick % limits.SLOW_TICKS)
        self.hal.feed()
        time.sleep_ms(limits.TICK_MS // 2)
        self.hal.read(self.inputs)
        self.live |= self.inputs.heater_sense == 1
        self._due_ms = time.ticks_add(self._due_ms, limits.TICK_MS)
        time.sleep_ms(max(0, time.ticks_diff(self._due_ms, time.ticks_ms())))

    def readings(self) -> "list[int]":
        """Return the latest value of each of _READINGS."""
        inputs = self.inputs
        measured = self.measured
        return [getattr(inputs if name[-3:] == "_uv" else measured, name) for name in _READINGS]

    def look(self) -> "dict[str, Any]":
        """Return means with every output off, the time share of a live heater node, edges."""
        sums = [0] * len(_READINGS)
        live = 0
        edges = self.inputs.tach_edges
        for _ in range(_LOOK_TICKS):
            self.tick(self.nothing)
            live += self.live
            sums = [total + value for total, value in zip(sums, self.readings())]
        return {
            "means": _named([total // _LOOK_TICKS for total in sums]),
            "live_permille": live * 1000 // _LOOK_TICKS,
            "edges": (self.inputs.tach_edges - edges) & 0xFFFF,
        }


def describe() -> None:
    """Print the board that is flashed, without its tables."""
    print(json.dumps({key: BOARD[key] for key in BOARD if not isinstance(BOARD[key], bytes)}))


def drive(
    ms: int,
    heater_enable: bool = False,
    heater_permille: int = 0,
    pump_permille: int = 0,
    chambers: int = 0,
    exhaust: bool = False,
    motor_permille: int = 0,
    light: bool = False,
    pulse_ms: int = 0,
) -> None:
    """Drive one kind of output for `ms` and print as JSON what was seen before, during, after.

    `pulse_ms` switches on and off by turns, so that a valve clicks. ValueError beyond
    limits.BRINGUP_*; readings that get out of hand end the drive early, see "ended".
    """
    outputs = signals.Outputs()
    outputs.heater_enable = heater_enable
    outputs.heater_permille = heater_permille
    outputs.pump_permille = pump_permille
    outputs.chambers = chambers
    outputs.exhaust = exhaust
    outputs.motor_permille = motor_permille
    if light:
        outputs.lamp = True
        for index in range(len(outputs.pixels)):
            outputs.pixels[index] = _LIGHT
    _refuse(ms, outputs)
    bench = _Bench()
    bench.hal.arm_watchdog()
    try:
        seen = _drive(bench, ms, outputs, pulse_ms)
    finally:
        bench.hal.safe()
        bench.hal.relax_watchdog()
    print(json.dumps(seen))


def _refuse(ms: int, outputs: Outputs) -> None:
    """Raise ValueError unless `outputs` is one kind of output within its limits."""
    heat = outputs.heater_enable or outputs.heater_permille
    air = outputs.pump_permille or outputs.chambers or outputs.exhaust
    motor = outputs.motor_permille
    if bool(heat) + bool(air) + bool(motor) + outputs.lamp > 1:
        raise ValueError("one kind of output at a time")
    if not 0 <= ms <= (limits.BRINGUP_AIR_MS if air else limits.BRINGUP_MS):
        raise ValueError("too long: %d ms" % ms)
    if outputs.heater_permille > limits.BRINGUP_HEAT_PERMILLE:
        raise ValueError("too much heat: %d permille" % outputs.heater_permille)
    if motor > limits.BRINGUP_MOTOR_PERMILLE:
        raise ValueError("too fast: %d permille" % motor)


def _drive(bench: _Bench, ms: int, outputs: Outputs, pulse_ms: int) -> "dict[str, Any]":
    for _ in range(_SETTLE_TICKS):
        bench.tick(bench.nothing)
    before = bench.look()
    edges = bench.inputs.tach_edges
    low = bench.readings()
    high = low[:]
    live = 0
    ticks = 0
    driven_ms = 0
    start_ms = time.ticks_ms()
    ended = _out_of_hand(bench, outputs, before)
    while ended is None and driven_ms < ms:
        off = pulse_ms and driven_ms // pulse_ms % 2
        bench.tick(bench.nothing if off else outputs)
        driven_ms = time.ticks_diff(time.ticks_ms(), start_ms)  # ticks may be late
        ticks += 1
        live += bench.live
        values = bench.readings()
        low = [min(pair) for pair in zip(low, values)]
        high = [max(pair) for pair in zip(high, values)]
        ended = _out_of_hand(bench, outputs, before)
    driven_edges = (bench.inputs.tach_edges - edges) & 0xFFFF
    return {
        "before": before,
        "low": _named(low),
        "high": _named(high),
        "live_permille": live * 1000 // ticks if ticks else 0,
        "edges": driven_edges,
        "after": bench.look(),
        "buttons": bench.buttons,
        "driven_ms": driven_ms,
        "ended": ended,
    }


def _out_of_hand(bench: _Bench, outputs: Outputs, before: "dict[str, Any]") -> "str | None":
    """Return why to stop now, or None."""
    measured = bench.measured
    coldest_mc = min(measured.pad_temp_a_mc, measured.pad_temp_b_mc)
    hottest_mc = max(measured.pad_temp_a_mc, measured.pad_temp_b_mc)
    if outputs.heater_permille and not coldest_mc >= limits.NTC_MIN_MC:
        return "no thermistor"
    if outputs.heater_permille and hottest_mc > limits.BRINGUP_PAD_MAX_MC:
        return "warm"
    if outputs.pump_permille:
        rise_pa = measured.pressure_pa - before["means"]["pressure_pa"]
        if outputs.chambers:  # a chamber that opens lets the manifold's pressure fall
            blocked = rise_pa > limits.BRINGUP_CHAMBER_PA
            bench.blocked_ticks = bench.blocked_ticks + 1 if blocked else 0
            return "pressure" if bench.blocked_ticks > _BLOCKED_TICKS else None
        if rise_pa < -limits.BRINGUP_FALL_PA:
            return "fell"
        if rise_pa > limits.BRINGUP_MANIFOLD_PA:
            return "pressure"
    return None


def _named(values: "list[int]") -> "dict[str, int]":
    return dict(zip(_READINGS, values))


def lock() -> None:
    """Keep the heat off until `keep` has been called again."""
    settings, storage = _remembered()
    settings_store.forget_calibration(settings)
    storage.replace(settings)


def keep(
    pad_a_offset_mc: int,
    pad_b_offset_mc: int,
    pad_bend_mc: int,
    pressure_offset_uv: int,
    chamber_order: int,
) -> None:
    """Store a calibration and let this very board heat. ValueError where it is out of bounds."""
    for offset_mc in (pad_a_offset_mc, pad_b_offset_mc):
        if abs(offset_mc) > limits.CALIBRATION_MAX_MC:
            raise ValueError("thermistor is off by %d mC" % offset_mc)
    if not limits.PAD_BEND_LEAST_MC <= pad_bend_mc <= limits.PAD_BEND_MOST_MC:
        raise ValueError("full power bends the pad by %d mC" % pad_bend_mc)
    zero_uv = limits.PRESSURE_ZERO_PA * BOARD["pressure_sensor"]["uv_per_kpa"] // 1000
    if abs(pressure_offset_uv) > zero_uv:
        raise ValueError("pressure sensor is off by %d uV" % pressure_offset_uv)
    settings, storage = _remembered()
    settings.pad_a_offset_mc = pad_a_offset_mc
    settings.pad_b_offset_mc = pad_b_offset_mc
    settings.pad_bend_mc = pad_bend_mc
    settings.pressure_offset_uv = pressure_offset_uv
    settings.chamber_order = chamber_order
    settings.proven_wiring = BOARD["wiring_id"]
    storage.replace(settings)
    kept()


def kept() -> None:
    """Print the stored settings, read back from the store."""
    settings, _ = _remembered()
    settings_store.forget_unless_wired(settings, BOARD["wiring_id"])
    names = (
        "pad_a_offset_mc",
        "pad_b_offset_mc",
        "pad_bend_mc",
        "pressure_offset_uv",
        "chamber_order",
    )
    found = {name: getattr(settings, name) for name in names}
    found["heat_unlocked"] = settings.proven_wiring == BOARD["wiring_id"]
    print(json.dumps(found))


def _remembered() -> "tuple[signals.Settings, SettingsStore]":
    """Return the stored settings and their store."""
    settings = signals.Settings()
    return settings, SettingsStore(NvsStore(), settings, SessionLog(NvsStore()))
