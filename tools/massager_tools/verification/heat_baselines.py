"""Other ways to hold a temperature, in the place of the core's regulator.

Each reads the same hotter sensor ten times a second and drives the same pad through the
same switches. They are tuned as a builder with this pad in front of them would.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Protocol

from massager_tools.errors import Failure

try:
    from simple_pid import PID
except ImportError:
    raise Failure("simple-pid is missing to compare with: pip install -e '.[test]'") from None

_FULL_PERMILLE = 1000
_STEP_S = 0.1
_PID_STEPS = 10
# simple-pid: a tenth of the gain in seconds as integral, tried on 40 pads from 0.2 to 0.6: less
# gain overshoots further, more derivative sees mostly noise.
_P_PER_K = 0.60
_I_PER_K_S = 0.006
_D_S_PER_K = 4.0
_HYSTERESIS_MC = 250  # each way: what panel thermostats do at their finest


class Regulator(Protocol):
    """Interface that the core needs of a regulator; see its `HeatRegulator`."""

    enable: bool
    permille: int

    def off(self) -> None: ...

    def follow(self, pad_temp_mc: int, permille: int) -> None: ...

    def step(self, set_mc: int) -> None: ...


class _Baseline(ABC):
    def __init__(self) -> None:
        self.enable = False
        self.permille = 0
        self._temp_mc = 0

    def off(self) -> None:
        """Switch the heat off."""
        self.enable = False
        self.permille = 0

    def follow(self, pad_temp_mc: int, permille: int) -> None:
        """Take the reading; none of these asks what power really flowed."""
        self._temp_mc = pad_temp_mc

    def step(self, set_mc: int) -> None:
        """Regulate for 100 ms towards `set_mc`."""
        self.enable = True
        self.permille = self._power(set_mc)

    @abstractmethod
    def _power(self, set_mc: int) -> int:
        """Return the permille for the next 100 ms."""


class SimplePid(_Baseline):
    """The `simple-pid` library once a second, on the mean of that second.

    Derivative on the measurement, output and integral limited, as its documentation
    advises for heaters; on every single reading the derivative would mostly see noise.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sum_mc = 0
        self._count = 0
        self._pid = PID(
            _P_PER_K,
            _I_PER_K_S,
            _D_S_PER_K,
            sample_time=None,
            output_limits=(0.0, 1.0),
            differential_on_measurement=True,
        )

    def _power(self, set_mc: int) -> int:
        self._sum_mc += self._temp_mc
        self._count += 1
        if self._count < _PID_STEPS:
            return self.permille
        self._pid.setpoint = set_mc / 1000.0
        share = self._pid(self._sum_mc / self._count / 1000.0, dt=_PID_STEPS * _STEP_S) or 0.0
        self._sum_mc = self._count = 0
        return round(share * _FULL_PERMILLE)


class Thermostat(_Baseline):
    """On below set − 0.25 °C, off above set + 0.25 °C."""

    def _power(self, set_mc: int) -> int:
        if self._temp_mc <= set_mc - _HYSTERESIS_MC:
            return _FULL_PERMILLE
        if self._temp_mc >= set_mc + _HYSTERESIS_MC:
            return 0
        return self.permille


class FullPower(_Baseline):
    """Full power until the sensor shows the target, none above it."""

    def _power(self, set_mc: int) -> int:
        return _FULL_PERMILLE if self._temp_mc < set_mc else 0


BASELINES: Mapping[str, Callable[[], Regulator]] = {
    "simple-pid": SimplePid,
    "thermostat": Thermostat,
    "full power until target": FullPower,
}
"""Name → regulator."""
