"""One heating pad with its sensors and the heat part of the core, ten times a second.

The model is that of the virtual massager; the core's thermistors, guard, fault table,
switches, regulator and dose run as `controller.py` wires them, without the rest of the
device around them, so that thousands of hours take minutes.
"""

import math
import random
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from massager_tools.boards.load import load_board
from massager_tools.boards.ntc_table import TO_GROUND, TO_RAIL, fixed_ohm, ntc_table
from massager_tools.firmware_tables import core
from massager_tools.sim.chip_facts import chip_facts, ntc_line
from massager_tools.sim.model.heat import Heat
from massager_tools.sim.model.ntc_circuit import NtcCircuit
from massager_tools.sim.model.thermistor import Thermistor as ModelThermistor

STEP_MS = 100
STEP_S = 0.1
BOARD = "esp32_devkitc"  # of the chips supported, the one with the largest ADC error
ROOM_C = 21.0
WARM_C = 42.0
_THERMOMETER_C = 0.1  # what a household thermometer against the pad is good for
_READINGS = 10  # averaged by the core
_NOISES = 4093  # prime: the two sensors do not meet the same noise again
_TICKS = 10

limits = core("limits")
faults = core("safety.fault_table")
signals = core("signals")
_thermistor = core("heat.thermistor")
_latches = core("safety.fault_manager")
_switches = core("safety.heater_interlock")
_guard = core("heat.guard")
_regulator = core("heat.regulator")
_dose = core("heat.dose")


DIVERSE = (TO_GROUND, TO_RAIL)  # A to ground and B to the rail, as on the shipped boards
ALIKE = (TO_GROUND, TO_GROUND)  # as on boards of the old kind


@dataclass(frozen=True)
class Pad:
    """One pad of many: the model's parameters, how it is used, and its electrics."""

    parameters: Mapping[str, Any]
    seed: int
    leg_on: bool
    blanket: bool
    supply_v: float
    offsets_mc: tuple[int, int]
    ntc_tables: tuple[bytes, bytes] = field(repr=False)
    senses: tuple[str, str] = DIVERSE

    def __deepcopy__(self, memo: object) -> "Pad":
        return self  # nothing of it changes


class Sensors:
    """What the chip's pins show of both thermistors: ADC and rail errors, noise, averaging."""

    def __init__(
        self,
        heat: Heat,
        adc: Mapping[str, float],
        seed: int,
        senses: tuple[str, str] = DIVERSE,
    ) -> None:
        board = load_board(BOARD)
        facts = chip_facts(board["chip"])
        decibels = (0, 2.5, 6, 11).index(board["roles"]["pad_temp_a"]["attenuation_db"])
        floor_mv, top_mv, full_mv, error_mv = facts["adc_ranges"][decibels]
        p = heat.p
        self._heat = heat
        self._floor_uv = floor_mv * 1000.0
        self._full_uv = full_mv * 1000.0
        self._gain = 1.0 + adc["gain_error"] * error_mv / top_mv
        self._offset_uv = 1000.0 * error_mv * adc["offset_error"] - 500.0  # whole mV, cut off
        self._rail_uv = board["ntc"]["rail_mv"] * 1000.0 * (1.0 + adc["rail_error"])
        self.circuit = NtcCircuit(
            [where == TO_RAIL for where in senses],
            [fixed_ohm(board["ntc"], where) for where in senses],
        )
        heat.circuit = self.circuit
        line = ntc_line(board["ntc"])
        self._ntcs = [
            ModelThermistor(line, p["ntc_ohm_error"][i], p["ntc_beta_error"][i]) for i in (0, 1)
        ]
        noise_uv = 1000.0 * facts["adc_noise_mv"] * adc["noise"] / math.sqrt(_READINGS)
        dice = random.Random(seed)
        self._noise_uv = array("d", [dice.gauss(0.0, noise_uv) for _ in range(_NOISES)])
        self._next = 0
        self.swapped = False
        self.frozen = False  # the converter keeps its last values
        self.heater_v = 12.0
        self._last_uv = [0, 0]

    def uv(self, index: int) -> int:
        """The mean of ten readings of pin `index`, µV."""
        if not self.frozen:
            self._next = (self._next + 1) % _NOISES
            self._last_uv[index] = self._at_pin(index, self._noise_uv[self._next])
        return self._last_uv[index]

    def quiet_uv(self, index: int) -> int:
        """The same, without noise."""
        return self._at_pin(index, 0.0)

    def _at_pin(self, index: int, noise_uv: float) -> int:
        heat = self._heat
        ohms = (heat.ntc_ohm(0, self._ntcs[0]), heat.ntc_ohm(1, self._ntcs[1]))
        if self.swapped:
            ohms = (ohms[1], ohms[0])
        heater_uv = self.heater_v * 1e6 if heat.conductor_live() else 0.0
        uv = self.circuit.pin_uv(index, ohms, self._rail_uv, heater_uv)
        uv = uv * self._gain + self._offset_uv + noise_uv
        return int(min(max(uv, self._floor_uv), self._full_uv))


def make_pad(
    parameters: Mapping[str, Any],
    seed: int,
    calibrated_at_c: float = ROOM_C,
    senses: tuple[str, str] = DIVERSE,
) -> Pad:
    """A pad calibrated at one point against a thermometer, then put to use.

    ROOM_C: cold, as the first power-up does it. Warmer: worn, with its face there for long.
    """
    dice = random.Random(seed)
    use = dice.choice(("leg", "leg", "blanket", "open"))
    thermometer_c = [dice.uniform(-_THERMOMETER_C, _THERMOMETER_C) for _ in (0, 1)]
    supply = parameters["supply"]
    heat = Heat(dict(parameters["heat"]) | {"ambient_c": ROOM_C})
    if calibrated_at_c > ROOM_C:
        settle_at(heat, calibrated_at_c)
    sensors = Sensors(heat, parameters["adc"], seed, senses)
    ntc = load_board(BOARD)["ntc"]
    tables = (ntc_table(ntc, senses[0]), ntc_table(ntc, senses[1]))
    offsets_mc = []
    for index in (0, 1):
        uncalibrated = _thermistor.Thermistor(tables[index])
        true_mc = round((calibrated_at_c + thermometer_c[index]) * 1000)
        offsets_mc.append(true_mc - uncalibrated.temp_mc(sensors.quiet_uv(index)))
    return Pad(
        parameters=parameters,
        seed=seed,
        leg_on=use != "open",
        blanket=use == "blanket",
        supply_v=supply["no_load_v"],
        offsets_mc=(offsets_mc[0], offsets_mc[1]),
        ntc_tables=tables,
        senses=senses,
    )


def settle_at(heat: Heat, face_c: float) -> None:
    """Put a worn pad where it stands when its face has been at `face_c` for long."""
    p = heat.p
    low_c, high_c = p["core_c"], face_c
    for _ in range(40):
        heat.skin_c = (low_c + high_c) / 2
        if p["pad_to_skin_w_m2k"] * (face_c - heat.skin_c) > heat.to_core_w_m2k() * (
            heat.skin_c - p["core_c"]
        ):
            low_c = heat.skin_c
        else:
            high_c = heat.skin_c
    heat.perfusion = heat.perfusion_wanted()
    through_w = p["pad_area_m2"] * p["pad_to_skin_w_m2k"] * (face_c - heat.skin_c)
    heat.face_c = face_c
    heat.wire_c = face_c + through_w / p["wire_to_face_w_per_k"]
    heat.ntc_c = [face_c + place * (heat.wire_c - face_c) for place in p["ntc_placement"]]


class HeatBench:
    """`pad` at rest in its room; `step` is 100 ms. `heat` is the model, to be broken at will.

    `regulator` is anything with the core regulator's methods, so that others can be tried;
    `guarded=False` leaves it alone with the pad. `sense` is whether the board has
    `heater_sense`.
    """

    def __init__(
        self, pad: Pad, regulator: Any = None, guarded: bool = True, sense: bool = True
    ) -> None:
        self.pad = pad
        self.heat = Heat(dict(pad.parameters["heat"]))
        self.heat.set_leg(pad.leg_on)
        self.heat.blanket = pad.blanket
        self.supply_v = pad.supply_v
        self.sensors = Sensors(self.heat, pad.parameters["adc"], pad.seed, pad.senses)
        self.measured = signals.Measurements()
        self.outputs = signals.Outputs()
        self.guard = _guard.HeatGuard()
        self.faults = _latches.FaultGroup(faults.HEAT)
        self.regulator = _regulator.HeatRegulator() if regulator is None else regulator
        self.dose = _dose.HeatDose()
        self.set_mc = 0
        self.now_ms = 0
        self._switches = _switches.HeaterInterlock()
        self._guarded = guarded
        self._sense = sense and guarded
        self._a = _thermistor.Thermistor(pad.ntc_tables[0], pad.offsets_mc[0])
        self._b = _thermistor.Thermistor(pad.ntc_tables[1], pad.offsets_mc[1])

    def step(self, set_mc: int | None) -> None:
        """100 ms; `set_mc` is the set-point in force, None for no heat."""
        self._measure()
        measured = self.measured
        outputs = self.outputs
        if set_mc is not None:
            self.set_mc = set_mc
        self.dose.step(measured.pad_temp_mc)
        if self._guarded:
            self.guard.step(measured.pad_temp_a_mc, measured.pad_temp_b_mc, self.set_mc)
            self.faults.update(self.now_ms, self.guard.conditions)
        regulator = self.regulator
        regulator.follow(measured.pad_temp_mc, outputs.heater_permille)
        if set_mc is None or self.faults.stops & _STOPS_HEAT or self.dose.spent:
            regulator.off()
        else:
            regulator.step(set_mc)
        self._move()
        if self._guarded:
            self.guard.step_slow(self.set_mc, outputs.heater_permille)
        self.now_ms = (self.now_ms + STEP_MS) & _TICKS_MASK

    def _measure(self) -> None:
        sensors = self.sensors
        measured = self.measured
        a_mc = self._a.temp_mc(sensors.uv(0))
        b_mc = self._b.temp_mc(sensors.uv(1))
        measured.pad_temp_a_mc = a_mc
        measured.pad_temp_b_mc = b_mc
        measured.pad_temp_mc = a_mc if a_mc > b_mc else b_mc

    def _move(self) -> None:
        """The switches and the pad: at once where nothing changes, else tick by tick."""
        heat = self.heat
        outputs = self.outputs
        regulator = self.regulator
        asked = regulator.permille if regulator.enable else 0
        permille = 0 if self._guarded and self.guard.cut else asked
        steady = permille > 0 and outputs.heater_permille > 0
        if steady or not (permille or outputs.heater_enable or heat.high_side_welded):
            self._switch(permille)
            heat.enable = outputs.heater_enable
            heat.duty = outputs.heater_permille / 1000.0
            heat.step(STEP_S, self.supply_v)
            return
        for tick in range(_TICKS):
            if self._sense and tick & 1:
                live = heat.node_live(outputs.heater_permille > 0)
                found = self.guard.sense(live, outputs.heater_enable, outputs.heater_permille)
                if found:
                    self.faults.update(self.now_ms, self.guard.conditions | found)
            self._switch(permille)
            heat.enable = outputs.heater_enable
            heat.duty = outputs.heater_permille / 1000.0
            heat.step(STEP_S / _TICKS, self.supply_v)

    def _switch(self, permille: int) -> None:
        if self.regulator.enable and not self.faults.stops & _STOPS_HEAT:
            self._switches.apply(permille, self.outputs)
        else:
            self._switches.open(self.outputs)


_STOPS_HEAT = faults.STOPS_HEAT | faults.STOPS_ALL
_TICKS_MASK = (1 << 30) - 1
