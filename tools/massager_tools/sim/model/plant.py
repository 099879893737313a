"""The whole massager but for its chip: pad, air, motor, supply, buttons, and their faults.

The command side is what the pins do (`heat.duty`, `air.chamber_on` …), the measure side
what they could read (`heat.ntc_ohm`, `air.sensor_pa` …). No pin is known here.
"""

from .adc import AdcFaults
from .air import Air
from .buttons import Buttons
from .console import ConsoleFaults
from .faults import FAULTS
from .heat import Heat
from .motor import Motor
from .ntc_circuit import NtcCircuit
from .supply import Supply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_EMPTY_WRAP_SLACK = 1.6  # a chamber with no leg in it takes this much more air


class ChipFaults:
    """Faults of the chip that are on; the chip looks here, the plant does not."""

    def __init__(self) -> None:
        self.overrun_ms = 0
        self.hangs = False
        self.flash_fails = False
        self.adc_frozen = False  # every analog input keeps its last value
        self.failed_writes = 0  # counted since power-on
        self.nvs_broken = False  # the flash store cannot be opened
        self.nvs_full = False
        self.nvs_slow_ms = 0  # a commit takes so much longer
        self.pixels_spoilt = 0  # one of so many frames to the light stick is garbled


class Plant:
    """`parameters` is what `parameters.nominal()` or `parameters.draw(seed)` returns."""

    def __init__(
        self,
        parameters: "Mapping[str, dict[str, Any]]",
        chambers: int = 3,
        has_exhaust: bool = False,
        tach_pulses_per_turn: int = 1,
    ) -> None:
        self.heat = Heat(parameters["heat"])
        self.air = Air(parameters["air"], chambers, has_exhaust)
        self.motor = Motor(parameters["motor"], tach_pulses_per_turn)
        self.supply = Supply(parameters["supply"])
        self.buttons = Buttons(parameters["buttons"])
        self.adc = AdcFaults()
        self.chip = ChipFaults()
        self.ntc_circuit = NtcCircuit([False, False], [10_000, 10_000])
        self.console = ConsoleFaults()
        self.faults: list[Any] = []  # [name, value] of those that are on, in order
        self._healthy: dict[
            tuple[Any, ...], Any
        ] = {}  # (part, attribute, index) -> value without faults

    def step(self, dt_s: float) -> None:
        """Advance by `dt_s` seconds; made for 10 ms, good down to 0.1 ms."""
        heat = self.heat
        air = self.air
        motor = self.motor
        supply = self.supply
        supply.step(heat.current_a + air.current_a + motor.supply_current_a)
        volts = supply.volts
        if heat.low_side_induced:
            heat.noisy = air.pump_duty > 0.0 or motor.duty > 0.0
        heat.step(dt_s, volts)
        air.step(dt_s, volts)
        motor.step(dt_s, volts)
        self.buttons.step(dt_s)

    def join_ntc_circuit(self, circuit: NtcCircuit) -> None:
        """Take the NTC circuit of the board, which the pad makes damp as it heats."""
        self.ntc_circuit = circuit
        self.heat.circuit = circuit

    def set_leg(self, on: bool) -> None:
        """Put the leg in, or take it out."""
        self.heat.set_leg(on)
        self.air.slack_factor = 1.0 if on else _EMPTY_WRAP_SLACK

    def set_fault(self, name: str, on: bool, value: object = None) -> None:
        """Break or mend one thing; `value` replaces the table's. KeyError: no such fault."""
        _, part, attribute, index, default = FAULTS[name]
        owner = getattr(self, part)
        if index is not None:
            owner = getattr(owner, attribute)
            if isinstance(index, int) and index >= len(owner):
                raise KeyError(name)
        target = (part, attribute, index)
        if target not in self._healthy:
            self._healthy[target] = _get(owner, attribute, index)
        self.faults = [entry for entry in self.faults if entry[0] != name]
        if on:
            self.faults.append([name, default if value is None else value])
        # two faults may sit on one target: the one that came last shows
        _set(owner, attribute, index, self._healthy[target])
        for other, other_value in self.faults:
            if FAULTS[other][1:4] == target:
                _set(owner, attribute, index, other_value)
        self.adc.active = any(FAULTS[other][1] == "adc" for other, _ in self.faults)


def _get(owner: "Any", attribute: str, index: "Any") -> object:
    return getattr(owner, attribute) if index is None else owner[index]


def _set(owner: "Any", attribute: str, index: "Any", value: object) -> None:
    if index is None:
        setattr(owner, attribute, value)
    else:
        owner[index] = value
