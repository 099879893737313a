"""The product's controller on the whole plant, a hundred times a second, in one process.

`sim/` runs the whole firmware in an interpreter of its own, with pins, clock and loop; here
stand the core, the model and the wiring without them: thousands of hours in one piece. A
study of one part gives the controller parts by its constructor, and sets the setpoints
itself. Ticks are late where that is asked for, by no more than a program may be. Buttons
do not bounce (`measure panel` has that), and nothing is written to flash.

Everything here runs on Python 3.9 as well, for PyPy: see `workers.py`.
"""

from __future__ import annotations

import copy
import json
import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from massager_tools.firmware_tables import core, firmware
from massager_tools.sim import chip as chip_module
from massager_tools.sim.adc import Converter
from massager_tools.sim.model.air import Air
from massager_tools.sim.model.heat import Heat
from massager_tools.sim.model.plant import Plant
from massager_tools.sim.model.supply import Supply
from massager_tools.sim.wiring import Wiring, chamber_count
from massager_tools.units import PA_PER_MMHG

TICK_MS = 10
TICK_S = 0.01
TICKS_AN_HOUR = 360_000
ROOM_C = 21.0
WARM_C = 42.0

limits = core("limits")
schedule = core("schedule")
signals = core("signals")
supervisor = core("safety.supervisor")
fault_table = core("safety.fault_table")

_TICK_US = 10_000
_TICKS_MASK = (1 << 30) - 1
_ATTENUATIONS_DB = (0, 2.5, 6, 11)
_PHASE_DRIFT_US = 137  # of the heater's PWM against the tick: it meets every moment of it
_CALIBRATION_READINGS = 100
_THERMOMETER_C = 0.1  # what a household thermometer against the pad is good for
_BEND_ERROR = 0.15  # a rise of a degree or two, in noise and over pauses of the serial line
_START_PRESS_S = 0.5
_OPEN_S = 0.4  # a clean press comes from a contact that has been open for 0.3 s
_SELF_TEST_S = 20.0
_INPUTS = {
    "pad_temp_a": "pad_a_uv",
    "pad_temp_b": "pad_b_uv",
    "pressure": "pressure_uv",
    "supply": "supply_uv",
    "rail": "rail_uv",
}
_MINUTES = 60
_form = core("session.program_format")
STUDY_PROGRAM = ("study", 0, 1, 0, False, (_form.phase(_MINUTES),))
"""A program that asks for nothing: whoever studies a part sets the setpoints."""


@dataclass(frozen=True)
class Build:
    """A finished device: the board as it is flashed, its chip, and its thermistors.

    Plain data from `builds.build`, so that a worker needs none of the tools for boards.
    """

    board: Mapping[str, Any]
    facts: Mapping[str, Any]
    ntc_line: tuple[tuple[float, float], ...]

    def with_program(self, program: tuple[Any, ...]) -> Build:
        """Return the same with a program of a person's own."""
        return Build({**self.board, "programs": (program,)}, self.facts, self.ntc_line)


def checksum(parameters: Mapping[str, Any]) -> str:
    """Return a short text that differs where the parameters of two massagers do."""
    return f"{zlib.crc32(json.dumps(parameters, sort_keys=True).encode()):08x}"


def pad_bend_mc(parameters: Mapping[str, Any]) -> float:
    """Return how far full power bends a pad without a leg, as bring-up finds it at 60 %, m°C."""
    heat = Heat(dict(parameters["heat"]))
    heat.set_leg(False)
    heat.enable = True
    heat.duty = limits.BRINGUP_HEAT_PERMILLE / 1000.0
    start_c = max(heat.ntc_c)
    for _ in range(limits.PAD_BEND_MS // 100):
        heat.step(0.1, parameters["supply"]["no_load_v"])
    return float(1000.0 * (max(heat.ntc_c) - start_c) / heat.duty)


class PinnedSetpoints(signals.Setpoints):  # type: ignore[name-defined]
    """Setpoints that only `pin` changes: the session's own writes are ignored."""

    def __init__(self) -> None:
        object.__setattr__(self, "_is_free", True)
        super().__init__()
        object.__setattr__(self, "_is_free", False)

    def __setattr__(self, name: str, value: object) -> None:
        if self._is_free:
            object.__setattr__(self, name, value)

    def pin(self, **values: object) -> None:
        """Set the setpoints `values` for good."""
        for name, value in values.items():
            object.__setattr__(self, name, value)


Parts = Callable[[Mapping[str, Any], Any, Any, Any], Any]
"""Make a part of the controller of (board, settings, measured, setpoints)."""


class Device:
    """One massager: `parameters` of the model, a build, calibrated as bring-up does it.

    `plant` is the model, to be lived with or broken. `events` collects (tick, fault name,
    whether it stops anything) as faults come into force. `settings` outlive `power_up`.
    `setpoints`, `regulators` and `guards` take the place of the controller's own. `late_share`
    of the ticks come late.
    """

    def __init__(
        self,
        parameters: Mapping[str, Any],
        build: Build,
        seed: int,
        setpoints: PinnedSetpoints | None = None,
        regulators: Parts | None = None,
        guards: Parts | None = None,
        calibrated_at_c: float = ROOM_C,
        late_share: float = 0.0,
    ) -> None:
        board = build.board
        self._late_share = late_share
        self.build = build
        self.parameters = parameters
        self.plant = Plant(
            parameters,
            chamber_count(board),
            "exhaust" in board["roles"],
            board.get("tach_pulses_per_turn", 1),
        )
        self.ticks = 0
        self.events: list[tuple[int, str, bool]] = []
        self.settings = signals.Settings()
        self.setpoints = setpoints
        self._parts = (regulators, guards)
        self._edges = firmware("hal.tach").Edges(board.get("tach_pulses_per_turn", 1), 0)
        self._has_tach = "tach" in board["roles"]
        self._has_sense = "heater_sense" in board["roles"]
        self._dice = random.Random(seed)
        self._now_us = self._dice.randrange(1 << 30)
        self._phase_us = 0
        self.chip = chip_module.Chip(
            dict(build.facts), self.plant, dict(parameters["adc"]), seed & 0xFFFFFF
        )
        self._connect()
        self._calibrate(calibrated_at_c)
        self.power_up()

    # --- what is soldered, and bring-up -------------------------------------------------

    def _connect(self) -> None:
        """Solder chip and plant together: the wiring keeps functions of both."""
        board = self.build.board
        roles = board["roles"]
        adc = self.parameters["adc"]
        self.wiring = Wiring(
            dict(board), self.plant, self.chip, list(self.build.ntc_line), adc["rail_error"]
        )
        pads = self.chip.pads
        self._analog: list[tuple[str, Any, Converter]] = [
            (
                field,
                pads[roles[role]["pin"]].analog,
                Converter(self.chip, role, _ATTENUATIONS_DB.index(roles[role]["attenuation_db"])),
            )
            for role, field in _INPUTS.items()
            if role in roles
        ]
        self._heat_pad = pads[roles["heater_pwm"]["pin"]]
        self._sense: Any = pads[roles["heater_sense"]["pin"]].source if self._has_sense else None
        self._switches: dict[str, tuple[Any, int]] = {
            role: (pads[spec["pin"]].sink, spec["safe"])
            for role, spec in roles.items()
            if "safe" in spec and role != "pixels"
        }
        self._driven: tuple[object, ...] = ()

    def _calibrate(self, at_c: float) -> None:
        """Pass bring-up: both thermistors against a thermometer at `at_c`, the sensor's zero.

        ROOM_C: cold, as the first power-up does it. Warmer: worn, the face there for long.
        """
        settings = self.settings
        settings.proven_wiring = self.build.board["wiring_id"]
        settings.program = _own_program(self.build.board)
        heat = self.plant.heat
        true = copy.copy(heat.__dict__)
        heat.__dict__.update(ntc_c=[at_c, at_c], p={**heat.p, "ambient_c": at_c})
        if at_c > ROOM_C:
            settle_at(heat, at_c)
        heat.updates += 1
        inputs = signals.Inputs()
        measured = signals.Measurements()
        sensing = core("sensing").Sensing(self.build.board, settings, measured)
        shown_pa = 0
        a_mc = b_mc = 0
        for number in range(_CALIBRATION_READINGS):
            self._convert(inputs)
            sensing.step_fast(inputs)
            shown_pa += measured.pressure_pa
            if number % schedule.TICKS == schedule.LAST:
                sensing.step_slow()
                a_mc += measured.pad_temp_a_mc
                b_mc += measured.pad_temp_b_mc
        sums = (a_mc, b_mc)
        heat.__dict__.update(true)
        heat.updates += 2  # neither what the wiring has kept of before nor of just now
        dice = random.Random(self._dice.randrange(1 << 30))
        offsets_mc = [
            round((at_c + dice.uniform(-_THERMOMETER_C, _THERMOMETER_C)) * 1000) - total // 10
            for total in sums
        ]
        settings.pad_a_offset_mc, settings.pad_b_offset_mc = offsets_mc
        bend_mc = pad_bend_mc(self.parameters)
        settings.pad_bend_mc = round(bend_mc * dice.uniform(1.0 - _BEND_ERROR, 1.0 + _BEND_ERROR))
        uv_per_kpa = self.build.board["pressure_sensor"]["uv_per_kpa"]
        settings.pressure_offset_uv = shown_pa // _CALIBRATION_READINGS * uv_per_kpa // 1000

    def power_up(self) -> None:
        """Start the chip: only the settings outlive it."""
        board, settings = self.build.board, self.settings
        self.inputs = signals.Inputs()
        self.outputs = signals.Outputs()
        measured = signals.Measurements()
        setpoints = self.setpoints or signals.Setpoints()
        regulators, guards = (
            part and part(board, settings, measured, setpoints) for part in self._parts
        )
        self.controller = core("controller").Controller(
            board,
            settings,
            measured=measured,
            setpoints=setpoints,
            guards=guards,
            regulators=regulators,
        )
        self.measured = measured
        self._groups = self.controller.faults.groups
        self._seen = [0] * len(self._groups)
        self._drive()

    def branch(self) -> Device:
        """Return a copy that goes its own way from here."""
        left_out = {id(one): None for one in (self.wiring, self.chip)}
        left_out[id(self._analog)] = left_out[id(self._switches)] = None
        left_out[id(self._sense)] = left_out[id(self._heat_pad)] = None
        other = copy.deepcopy(self, {**left_out, id(self.build): self.build})
        other.chip = copy.copy(self.chip)
        other.chip.plant = other.plant
        other.chip.pads = {number: chip_module.Pad(number) for number in self.chip.pads}
        other._connect()
        other._drive()
        return other

    def swap_thermistors(self) -> None:
        """Plug each thermistor into the place of the other."""
        heat = self.plant.heat
        ntc_ohm = heat.ntc_ohm
        ntcs = self.wiring._ntcs
        heat.ntc_ohm = lambda index, _: ntc_ohm(1 - index, ntcs[1 - index])  # type: ignore[method-assign, assignment]

    # --- living with it -----------------------------------------------------------------

    @property
    def state(self) -> int:
        """Return the state of the device, one of supervisor.*."""
        return int(self.controller.state)

    @property
    def stops(self) -> int:
        """Return the STOPS_* bits of the faults in force."""
        return int(self.controller.faults.stops)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds / TICK_S)):
            self.tick()

    def press(self, button: int, seconds: float) -> None:
        """Hold a button (BUTTON_* bit), then let go of it for as long as a finger needs."""
        self.inputs.buttons = button
        self.run(seconds)
        self.inputs.buttons = 0
        self.run(0.5)

    def start(self) -> None:
        """Start the session and pass the self-test; AssertionError where that fails."""
        self.run(_OPEN_S)
        self.press(signals.BUTTON_POWER, _START_PRESS_S)
        for _ in range(round(_SELF_TEST_S / TICK_S)):
            if self.state == supervisor.RUN:
                return
            self.tick()
        names = [name for _, name, _ in self.events]
        raise AssertionError(f"no session: state {self.state}, faults {names}")

    def tick(self) -> None:
        """Let 10 ms pass for everything."""
        late_ms = 0
        if self._late_share and self._dice.random() < self._late_share:
            late_ms = self._dice.randrange(1, limits.LATE_COUNT_MS)
            self._pass(late_ms * 1000)
        inputs = self.inputs
        inputs.late_ms = late_ms
        now_us = self._now_us & _TICKS_MASK
        self._read(inputs, now_us)
        self.controller.step(self._now_us // 1000 & _TICKS_MASK, inputs, self.outputs)
        self._drive()
        self._pass(_TICK_US)
        self.ticks += 1
        for index, group in enumerate(self._groups):
            if group.active != self._seen[index]:
                self._note(index, group)

    def _pass(self, us: int) -> None:
        """Let time pass for the plant."""
        plant = self.plant
        now_us = self._now_us
        if self.wiring.gated:
            self.wiring.gate(self.chip.now_us)
        plant.step(us * 1e-6)
        motor = plant.motor
        if self._has_tach and motor.edge_shares:
            rises, levels = motor.edge_rises, motor.edge_levels
            for number, share in enumerate(motor.edge_shares):
                if not rises[number] and not levels[number]:  # as the hal's handler does
                    self._edges.take(now_us + int(share * us) & _TICKS_MASK)
        self._now_us = now_us + us

    def _convert(self, inputs: Any) -> None:
        """Read every analogue pin."""
        for field, analog, converter in self._analog:
            try:
                uv = converter.uv(analog())
            except OSError:
                uv = 0  # as in the hal
            setattr(inputs, field, uv)

    def _read(self, inputs: Any, now_us: int) -> None:
        """Read all pins."""
        self._convert(inputs)
        if self._sense is not None:
            self._phase_us += _PHASE_DRIFT_US
            self.chip.now_us = self._phase_us
            inputs.heater_sense = self._sense()
        if self._has_tach:
            self._edges.read(now_us, inputs)

    def _drive(self) -> None:
        """Put the outputs onto the pins, where they have changed."""
        outputs = self.outputs
        switches = self._switches
        wanted = (
            outputs.heater_enable,
            outputs.heater_permille,
            outputs.pump_permille,
            outputs.motor_permille,
            outputs.chambers,
            outputs.exhaust,
        )
        if self.wiring.gated:
            switches["heartbeat"][0](1.0)
        if wanted == self._driven:
            return
        self._driven = wanted
        shares = {
            "heater_enable": 1.0 if outputs.heater_enable else 0.0,
            "heater_pwm": outputs.heater_permille / 1000.0,
            "pump": outputs.pump_permille / 1000.0,
            "motor": outputs.motor_permille / 1000.0,
            "exhaust": 1.0 if outputs.exhaust else 0.0,
        }
        for index in range(self.plant.air.chambers):
            shares[f"chamber_{index + 1}"] = 1.0 if outputs.chambers >> index & 1 else 0.0
        for role, share in shares.items():
            if role in switches:
                sink, safe = switches[role]
                sink(1.0 - share if safe else share)
        pad = self._heat_pad  # the sense pin is read against the phase of its PWM
        pad.route = chip_module.LEDC
        pad.freq_hz = self.build.board["roles"]["heater_pwm"]["pwm_hz"]
        pad.inverted = switches["heater_pwm"][1] == 1
        pad.duty = shares["heater_pwm"]

    def _note(self, index: int, group: Any) -> None:
        fresh = group.active & ~self._seen[index]
        self._seen[index] = group.active
        for row in group.rows:
            if fresh & row[fault_table.BIT]:
                name, stops = row[fault_table.NAME], row[fault_table.STOPS]
                self.events.append((self.ticks, name, bool(stops)))


def _own_program(board: Mapping[str, Any]) -> int:
    """Return the index of the build's own program, or 0."""
    own = board.get("programs", ())
    return len(core("session.programs").PROGRAMS) if own else 0


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


class LoadedSupply(Supply):
    """A supply that something else loads as well, `extra_a`."""

    extra_a = 0.0

    def step(self, current_a: float) -> None:
        """Settle at the voltage that both leave."""
        super().step(current_a + self.extra_a)


class Leg:
    """A leg that moves now and then: pushes and sags of up to 10 mmHg on what is filled."""

    def __init__(self, air: Air, seed: int) -> None:
        self._air = air
        self._dice = random.Random(seed)
        self._left = 0
        self._rest = 500
        self._shape: list[float] = []
        self._where: tuple[int, ...] = ()

    def tick(self) -> None:
        """Let 10 ms pass."""
        if self._left:
            self._left -= 1
            push_pa = self._shape[self._left]
            for index in self._where:
                self._air.leg_pa[index] = push_pa
        elif self._rest:
            self._rest -= 1
        else:
            self._begin()

    def _begin(self) -> None:
        """Begin a bump as long as a turn of the foot, or a new position that stays for a while."""
        dice = self._dice
        height_pa = dice.uniform(-10.0, 10.0) * PA_PER_MMHG
        rise = dice.randint(15, 60)
        stay = dice.choice((0, 0, dice.randint(20, 1_000)))
        ramp = [height_pa * step / rise for step in range(rise)]
        self._shape = [0.0, *ramp, *([height_pa] * stay), *reversed(ramp)]
        self._left = len(self._shape)
        self._rest = dice.randint(300, 6_000)
        chambers = range(len(self._air.leg_pa))
        self._where = tuple(chambers) if dice.random() < 0.5 else (dice.choice(chambers),)
