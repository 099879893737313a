"""A motor on the bench: the modelled motor and supply, with one of several controls.

Every control gets the same: the tach as the hal reads it, the supply as the chip's ADC
reads it, a hundred times a second. The physics runs five times as often.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from massager_tools.errors import UsageError
from massager_tools.firmware_tables import core
from massager_tools.sim.model.motor import TURN, Motor
from massager_tools.sim.model.supply import Supply

try:
    from simple_pid import PID
except ImportError as error:
    raise UsageError("to compare with simple-pid: pip install -e '.[test]'") from error

limits = core("limits")
signals = core("signals")
units = core("units")
_faults = core("safety.fault_table")
_guard = core("motor.guard")
_latches = core("safety.fault_manager")
_speed = core("motor.speed")
_tach = core("motor.tach")
_edges = import_module("massager.hal.tach")

TICK_S = limits.TICK_MS / 1000
SUBSTEPS = 5
STEP_S = TICK_S / SUBSTEPS
LINE = {"rpm_at_12v": 2_700, "load_mv": 550}
"""Board data as a builder measures them on the nominal motor: bare, and half loaded."""

_SUPPLY_NOISE_MV = 25.0
_SUPPLY_SMOOTHING_S = 0.04


class Control(Protocol):
    """What turns the motor: a call every `period_ticks`, the duty in permille."""

    period_ticks: int

    def step(self, set_rpm: int, measured: Any) -> float:
        """One tick towards `set_rpm`."""

    def off(self) -> None:
        """No drive, until the next step."""


class Firmware:
    """The core's own regulator."""

    period_ticks = limits.MOTOR_TICK_MS // limits.TICK_MS

    def __init__(self, pulses: int) -> None:
        self.speed = _speed.MotorSpeed(LINE, pulses)
        self.pattern: int = signals.MOTOR_STEADY

    def off(self) -> None:
        """As the controller does where a fault or a rest stops the motor."""
        self.speed.off()

    def step(self, set_rpm: int, measured: Any) -> float:
        """One tick of the firmware."""
        self.speed.step(self.pattern, set_rpm, measured)
        permille: int = self.speed.permille
        return permille


class FirmwareBlind(Firmware):
    """The same on a board without a tach: supply and load line alone."""

    def step(self, set_rpm: int, measured: Any) -> float:
        """One tick of the firmware, which sees no speed."""
        blind = signals.Measurements()
        blind.supply_mv = measured.supply_mv
        return super().step(set_rpm, blind)


class FixedDuty:
    """The cheap massager: a duty for each level, set at the factory for 12 V."""

    period_ticks = 1

    def __init__(self, pulses: int) -> None:
        pass

    def off(self) -> None:
        """Nothing to forget."""

    def step(self, set_rpm: int, measured: Any) -> float:
        """The duty of this level."""
        volts_mv = LINE["load_mv"] + set_rpm * (12_000 - LINE["load_mv"]) / LINE["rpm_at_12v"]
        return min(1000.0, volts_mv * 1000 / 12_000)


class SimplePid:
    """The library simple-pid on the same tach, gains for this motor, set-point ramped alike."""

    period_ticks = 1
    # internal-model gains for the nominal motor (3 rpm a permille, 0.2 s) and a sample
    # of 60 ms, then refined on other plants than those measured
    _P = 0.6
    _I = 3.5
    _D = 0.0

    def __init__(self, pulses: int) -> None:
        self._pid = PID(self._P, self._I, self._D, sample_time=None, output_limits=(0, 1000))
        self._ramp_rpm = 0

    def off(self) -> None:
        """Start anew."""
        self._pid.reset()
        self._ramp_rpm = 0

    def step(self, set_rpm: int, measured: Any) -> float:
        """One tick of the library's controller."""
        rise_rpm = limits.MOTOR_RAMP_RPM_PER_S * limits.TICK_MS // 1000
        self._ramp_rpm = units.approach(self._ramp_rpm, set_rpm, rise_rpm)
        self._pid.setpoint = self._ramp_rpm
        output = self._pid(measured.motor_rpm, dt=TICK_S)
        assert output is not None
        return output


CONTROLS: Mapping[str, Callable[[int], Control]] = {
    "this": Firmware,
    "this without a tach": FirmwareBlind,
    "fixed duty": FixedDuty,
    "simple-pid": SimplePid,
}


@dataclass
class Trace:
    """What happened, a value a tick. `turn_rpm` is the mean speed of the last whole turn."""

    t_s: list[float] = field(default_factory=list)
    set_rpm: list[float] = field(default_factory=list)
    turn_rpm: list[float] = field(default_factory=list)
    permille: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    supply_v: list[float] = field(default_factory=list)
    stood: list[bool] = field(default_factory=list)
    tripped: list[bool] = field(default_factory=list)
    latched: list[bool] = field(default_factory=list)


class Rig:
    """One plant of `parameters` under one control."""

    def __init__(
        self, parameters: dict[str, dict[str, Any]], control: str, pulses: int, seed: int
    ) -> None:
        dice = random.Random(seed)
        self.motor = Motor(parameters["motor"], pulses)
        self.motor.angle_rad = dice.uniform(0.0, TURN)
        self.supply = Supply(parameters["supply"])
        self.heater = 0.0  # duty
        self.pump_on = False
        self.creep_nm = 0.0  # load that comes on every tick, for good …
        self.creep_to_nm = 0.0  # … until it is this much
        self.trace = Trace()
        self._heater_a = 12.0 / parameters["heat"]["heater_ohm"]
        air = parameters["air"]
        self._pump_a = air["pump_a"] + air["valve_a"]
        self._adc_gain = 1.0 + 0.02 * parameters["adc"]["gain_error"]
        self._adc_phase = dice.random()  # of the heater's PWM, which runs at the tick's rate
        self._dice = dice
        self._feet_nm = parameters["motor"]["feet_nm"]
        self.control = CONTROLS[control](pulses)
        self._smoothing = TICK_S * self.control.period_ticks / _SUPPLY_SMOOTHING_S
        self._edges = _edges.Edges(pulses, 0)
        self._tach = _tach.TachSpeed(pulses)
        self._guard = _guard.MotorGuard(LINE)
        self.faults = _latches.FaultGroup(_faults.MOTOR)
        self.guarded = False  # whether faults and rests stop the motor, or are only noted
        self._inputs = signals.Inputs()
        self._measured = signals.Measurements()
        self._supply_mv = parameters["supply"]["no_load_v"] * 1000
        self._now_us = 0
        self._permille = 0
        self._angles = [self.motor.angle_rad]
        self._behind = 0

    def run(self, seconds: float, set_rpm: int, load: float) -> None:
        """Turn at `set_rpm` (0: off) with `load`, a share of two feet's, for a while."""
        if not self.creep_nm:
            self.motor.extra_load_nm = load * self._feet_nm
        for _ in range(round(seconds / TICK_S)):
            self._tick(set_rpm, load)

    def _tick(self, set_rpm: int, load: float) -> None:
        motor = self.motor
        supply = self.supply
        if self.creep_nm:
            motor.extra_load_nm = min(motor.extra_load_nm + self.creep_nm, self.creep_to_nm)
        others_a = self.heater * self._heater_a + self.pump_on * self._pump_a
        for _ in range(SUBSTEPS):
            supply.step(motor.supply_current_a + others_a)
            motor.step(STEP_S, supply.volts)
            for share, rises, level in zip(
                motor.edge_shares, motor.edge_rises, motor.edge_levels, strict=True
            ):
                if not rises and not level:  # as the hal's handler does
                    self._edges.take(self._now_us + int(share * STEP_S * 1e6))
            self._now_us += int(STEP_S * 1e6)
            self._angles.append(motor.turns * TURN + motor.angle_rad)
        ticks = len(self.trace.t_s)
        if ticks % self.control.period_ticks == 0:
            self._control(ticks, set_rpm)
        motor.duty = self._permille / 1000
        trace = self.trace
        trace.t_s.append(self._now_us * 1e-6)
        trace.set_rpm.append(set_rpm)
        trace.turn_rpm.append(self._turn_rpm())
        trace.permille.append(self._permille)
        trace.load.append(load)
        trace.supply_v.append(supply.volts)
        trace.stood.append(motor.speed_rad_s == 0.0)
        trace.tripped.append(self._guard.cut or self.faults.active != 0)
        trace.latched.append(self.faults.latched != 0)

    def _control(self, ticks: int, set_rpm: int) -> None:
        """Measure, guard and regulate once."""
        measured = self._measure()
        guard = self._guard
        now_ms = ticks * limits.TICK_MS
        guard.step(now_ms, measured, set_rpm, self._permille)
        if ticks % limits.SLOW_TICKS == 0:
            guard.step_slow(measured, self._permille)
        self.faults.update(now_ms, guard.conditions)
        if set_rpm and not (self.guarded and (guard.cut or self.faults.stops)):
            self._permille = int(self.control.step(set_rpm, measured))
        else:
            self.control.off()
            self._permille = 0

    def _measure(self) -> Any:
        inputs = self._inputs
        measured = self._measured
        self._edges.read(self._now_us, inputs)
        tach = self._tach
        tach.step(inputs.tach_edges, inputs.tach_turn_us, inputs.tach_age_us)
        measured.motor_rpm = tach.rpm
        measured.motor_updates = tach.updates
        measured.motor_edges = inputs.tach_edges
        # the heater's PWM keeps step with the tick: the ADC meets it on or off, never the mean
        heater_a = self._heater_a * (self.heater > self._adc_phase)
        shown_v = self.supply.volts + self.supply.p["ohm"] * (
            self.heater * self._heater_a - heater_a
        )
        read_mv = shown_v * 1000 * self._adc_gain + self._dice.gauss(0, _SUPPLY_NOISE_MV)
        self._supply_mv += (read_mv - self._supply_mv) * self._smoothing
        measured.supply_mv = int(self._supply_mv)
        return measured

    def _turn_rpm(self) -> float:
        """Mean speed of the whole turn that ends now; the eccentric's ripple is not in it."""
        if self.motor.speed_rad_s == 0.0:
            return 0.0
        angles = self._angles
        end = angles[-1]
        while self._behind + 1 < len(angles) and angles[self._behind + 1] <= end - TURN:
            self._behind += 1
        start = angles[self._behind]
        if end - start < TURN * 0.999 or self._behind + 1 >= len(angles):
            return (end - angles[max(0, len(angles) - 1 - SUBSTEPS)]) / TICK_S * 60 / TURN
        step = angles[self._behind + 1] - start
        behind = self._behind + ((end - TURN - start) / step if step > 0.0 else 0.0)
        return 60 / ((len(angles) - 1 - behind) * STEP_S)


def share_off(value: float, wished: float) -> float:
    """How far `value` is from `wished`, in percent of it."""
    return math.fabs(value / wished - 1) * 100
