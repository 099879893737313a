"""Other ways to turn the motor, in the place of the core's regulator.

Each gets the same: the tach and the supply as the core measures them, fifty times a second.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from massager_tools.errors import Failure
from massager_tools.firmware_tables import core
from massager_tools.verification.harness import limits, signals

try:
    from simple_pid import PID
except ImportError:
    raise Failure("simple-pid is missing to compare with: pip install -e '.[test]'") from None

LINE = {"rpm_at_12v": 2_700, "load_mv": 550}
"""Board data as a builder measures them on the nominal motor: bare, and half loaded."""
PERIOD_S = limits.MOTOR_TICK_MS / 1000.0
OURS = "this"
BLIND = "this without a tach"

_speed = core("motor.speed")
_units = core("units")


class _Baseline(ABC):
    """A regulator that only knows `step`; see the core's `MotorSpeed`."""

    def __init__(self) -> None:
        self.permille = 0

    def off(self) -> None:
        """Switch the motor off; the next step starts from rest."""
        self.permille = 0

    stop = off

    def step(self, pattern: int, set_rpm: int, measured: Any) -> None:
        """Turn towards `set_rpm` for 20 ms."""
        self.permille = int(min(1000.0, max(0.0, self._duty(set_rpm, measured))))

    @abstractmethod
    def _duty(self, set_rpm: int, measured: Any) -> float:
        """Return the duty for the next 20 ms in permille, not yet limited to 0…1000."""


class FixedDuty(_Baseline):
    """The cheap massager: a duty for each level, set at the factory for 12 V."""

    def _duty(self, set_rpm: int, measured: Any) -> float:
        volts_mv = LINE["load_mv"] + set_rpm * (12_000 - LINE["load_mv"]) / LINE["rpm_at_12v"]
        return volts_mv * 1000 / 12_000


class SimplePid(_Baseline):
    """The library simple-pid on the same tach, gains for this motor, set-point ramped alike."""

    # internal-model gains for the nominal motor (3 rpm a permille, 0.2 s) and a sample
    # of 60 ms, then refined on other plants than those measured
    _P = 0.6
    _I = 3.5
    _D = 0.0

    def __init__(self) -> None:
        super().__init__()
        self._pid = PID(self._P, self._I, self._D, sample_time=None, output_limits=(0, 1000))
        self._ramp_rpm = 0

    def off(self) -> None:
        """Start anew."""
        super().off()
        self._pid.reset()
        self._ramp_rpm = 0

    def _duty(self, set_rpm: int, measured: Any) -> float:
        rise_rpm = limits.MOTOR_RAMP_RPM_PER_S * limits.MOTOR_TICK_MS // 1000
        self._ramp_rpm = _units.approach(self._ramp_rpm, set_rpm, rise_rpm)
        self._pid.setpoint = self._ramp_rpm
        return self._pid(measured.motor_rpm, dt=PERIOD_S) or 0.0


class _Blind(_speed.MotorSpeed):  # type: ignore[name-defined]
    """The core's regulator on a board without a tach: supply and load line alone."""

    def step(self, pattern: int, set_rpm: int, measured: Any) -> None:
        """Turn by what the supply says."""
        blind = signals.Measurements()
        blind.supply_mv = measured.supply_mv
        super().step(pattern, set_rpm, blind)


CONTROLS: Mapping[str, Callable[[int], Any]] = {
    OURS: lambda pulses: _speed.MotorSpeed(LINE, pulses),
    BLIND: lambda pulses: _Blind(LINE, pulses),
    "fixed duty": lambda pulses: FixedDuty(),
    "simple-pid": lambda pulses: SimplePid(),
}
"""Name → what makes the regulator for a tach of so many pulses a turn."""
