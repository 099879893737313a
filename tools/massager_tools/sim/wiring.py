"""Join the pins of a chip to the plant, as a board file says. Runs on MicroPython, too.

The board here is how things are soldered. The board in the flashed firmware may say
something else; then the wrong thing moves, as it would on the bench.
"""

from massager_tools.sim.model.air import SENSOR_OPEN, SENSOR_SHORT
from massager_tools.sim.model.faults import CHAMBERS_MAX
from massager_tools.sim.model.ntc_circuit import NtcCircuit
from massager_tools.sim.model.thermistor import Thermistor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from massager_tools.sim.chip import Chip, Pad
    from massager_tools.sim.model.plant import Plant

PUMP = 1  # bits of "energised"
VALVES = 2
HEATER = 4
MOTOR = 8

_HARMLESS = ("lamp", "heartbeat")  # outputs that move and warm nothing
_PUMP_HOLDS_US = 50_000  # without a beat the charge pump lets go of heater_enable after this
_RAIL_UV = 3_300_000
_RIPPLE_PA = 60.0  # strokes of the pump's membrane, seen by the sensor
_LOGIC_V = 5.0  # the sense divider gives a clear high above this


def chamber_count(board: "Mapping[str, Any]") -> int:
    """Return how many chambers a board has valves for."""
    names = ["chamber_" + str(number) for number in range(1, CHAMBERS_MAX + 1)]
    return len([name for name in names if name in board["roles"]])


class Wiring:
    """Join the pads of `chip` and `plant` to one machine, as `board` says.

    `ntc_line` is ln R over 1/T of the board's thermistors (see `thermistor`), `rail_error`
    how far off the 3.3 V are, as a share.
    """

    def __init__(
        self,
        board: "Mapping[str, Any]",
        plant: "Plant",
        chip: "Chip",
        ntc_line: "list[Any]",
        rail_error: float = 0.0,
    ) -> None:
        self.board = board
        self.plant = plant
        self.chip = chip
        self.rail_uv = _RAIL_UV * (1.0 + rail_error)
        self.gated = "heartbeat" in board["roles"]
        self.switched = 0  # what was energised at any time since `take_energised`
        self._beat_us = -_PUMP_HOLDS_US
        self._enable = False
        self._sinks: list[Any] = []  # (pad, safe level) of every output that switches energy
        self._heater_pad: Pad | None = None
        self._ntc_uv = [0.0, 0.0]
        self._ntc_updates = [-1, -1]
        p = plant.heat.p
        self._ntcs = [
            Thermistor(ntc_line, p["ntc_ohm_error"][index], p["ntc_beta_error"][index])
            for index in (0, 1)
        ]
        to_rail = [
            board["roles"].get(role, {}).get("ntc_to") == "rail"
            for role in ("pad_temp_a", "pad_temp_b")
        ]
        ntc = board.get("ntc", {})
        fixed_ohm = [ntc.get("pull_down_ohm" if rail else "pull_up_ohm", 0) for rail in to_rail]
        self.circuit = NtcCircuit(to_rail, fixed_ohm)
        plant.join_ntc_circuit(self.circuit)
        for role, spec in board["roles"].items():
            self._join(role, spec, chip.pads[spec["pin"]])

    def _join(self, role: str, spec: "dict[str, Any]", pad: "Pad") -> None:
        pad.role = role
        if role == "pixels":
            chip = self.chip
            pad.on_bits = lambda data: _show(chip, data)
        elif "safe" in spec:
            if role not in _HARMLESS:
                self._sinks.append((pad, spec["safe"]))
            pad.sink = self._sink(role, spec["safe"])
            pad.update_sink()
            if role == "heater_pwm":
                self._heater_pad = pad
        elif role[:7] == "button_":
            pad.source = self._button(role[7:], spec["active"])
        elif role == "tach":
            pad.is_tach = True
            motor = self.plant.motor
            pad.source = lambda: motor.half_pulses & 1
        elif role == "heater_sense":
            pad.source = self._sense
        else:
            pad.analog = self._analog(role)

    # --- what the pins do ---------------------------------------------------------------

    def _sink(self, role: str, safe: int) -> "Callable[[float | None], None]":
        """Return a function that takes a pad's drive (0…1, or None) to the part it switches."""
        switch = self._switch(role)

        def sink(drive: "float | None") -> None:
            # a gate that nothing drives is pulled to its safe level on the board
            share = 0.0 if drive is None else (1.0 - drive if safe else drive)
            switch(share)

        return sink

    def _switch(self, role: str) -> "Callable[[float], None]":
        """Return the part of the plant that `role` switches, as a function of the share 0…1."""
        if role[:8] == "chamber_":
            return self._valve(int(role[8:]) - 1)
        switches = {
            "pump": self._drive_pump,
            "exhaust": self._drive_exhaust,
            "heater_enable": self._drive_heater_enable,
            "heater_pwm": self._drive_heater,
            "motor": self._drive_motor,
            "heartbeat": self._beat,
        }
        return switches.get(role, _drive_nothing)

    def _drive_pump(self, share: float) -> None:
        self.plant.air.pump_duty = share
        if share:
            self.switched |= PUMP

    def _drive_exhaust(self, share: float) -> None:
        self.plant.air.exhaust_on = share > 0.5

    def _drive_heater_enable(self, share: float) -> None:
        self._enable = share > 0.5
        if self.gated:
            self.gate(self.chip.now_us)
        else:
            self.plant.heat.enable = self._enable
        if share:
            self.switched |= HEATER

    def _drive_heater(self, share: float) -> None:
        self.plant.heat.duty = share
        if share:
            self.switched |= HEATER

    def _drive_motor(self, share: float) -> None:
        self.plant.motor.duty = share
        if share:
            self.switched |= MOTOR

    def _beat(self, _share: float) -> None:
        self._beat_us = self.chip.now_us

    def _valve(self, index: int) -> "Callable[[float], None]":
        chamber_on = self.plant.air.chamber_on

        def drive_valve(share: float) -> None:
            chamber_on[index] = share > 0.5
            if share > 0.5:
                self.switched |= VALVES

        return drive_valve

    def gate(self, now_us: int) -> None:
        """Let heater_enable through only while `heartbeat` beats, as its charge pump does."""
        self.plant.heat.enable = self._enable and now_us - self._beat_us < _PUMP_HOLDS_US

    def garble_pixels(self) -> None:
        """Show something else on the light stick than was sent last."""
        self.chip.pixels = _garbled(self.chip, bytes.fromhex(self.chip.pixels)).hex()

    def energised(self) -> int:
        """Return the bits of what is energised now: PUMP, VALVES, HEATER, MOTOR."""
        plant = self.plant
        bits = PUMP if plant.air.pump_duty else 0
        if True in plant.air.chamber_on:
            bits |= VALVES
        if self._enable or plant.heat.duty:
            bits |= HEATER
        if plant.motor.duty:
            bits |= MOTOR
        return bits

    def take_energised(self) -> int:
        """Return the bits of what was energised since the last call, or is now."""
        now = self.energised()
        bits = self.switched | now
        self.switched = now
        return bits

    def all_safe(self) -> bool:
        """Return whether every output that switches energy is at its safe level, or floats.

        What floats is pulled to its safe level on the board.
        """
        for pad, safe in self._sinks:
            drive = pad.drive()
            if drive is not None and drive != safe:
                return False
        return True

    # --- what the pins read -------------------------------------------------------------

    def _button(self, name: str, active: int) -> "Callable[[], int | None]":
        buttons = self.plant.buttons

        def read() -> "int | None":
            return active if buttons.is_closed(name) else None

        return read

    def _sense(self) -> int:
        pad = self._heater_pad
        low_side_on = pad is not None and pad.instant(self.chip.now_us) == 1
        live = self.plant.heat.node_live(low_side_on)
        return 1 if live and self.plant.supply.volts > _LOGIC_V else 0

    def _analog(self, role: str) -> "Callable[[], float]":
        if role == "pad_temp_a":
            return lambda: self._pad_temp_uv(0)
        if role == "pad_temp_b":
            return lambda: self._pad_temp_uv(1)
        if role == "pressure":
            return self._pressure_uv
        if role == "supply":
            supply = self.plant.supply
            uv_per_v = self.board["supply_divider"]["permille"] * 1000.0
            return lambda: supply.volts * uv_per_v
        share = self.board["rail_divider"]["permille"] / 1000.0
        return lambda: self.rail_uv * share

    def _pad_temp_uv(self, index: int) -> float:
        heat = self.plant.heat
        circuit = self.circuit
        if self._ntc_updates[index] != heat.updates or heat.ntc_faults[index] or circuit.broken():
            self._ntc_updates[index] = heat.updates
            ohms = (heat.ntc_ohm(0, self._ntcs[0]), heat.ntc_ohm(1, self._ntcs[1]))
            heater_uv = self.plant.supply.volts * 1e6 if heat.conductor_live() else 0.0
            self._ntc_uv[index] = circuit.pin_uv(index, ohms, self.rail_uv, heater_uv)
        return self._ntc_uv[index]

    def _pressure_uv(self) -> float:
        air = self.plant.air
        if air.sensor_fault == SENSOR_OPEN:
            return 0.0
        if air.sensor_fault == SENSOR_SHORT:
            return self.rail_uv
        pressure_pa = air.sensor_pa()
        if air.pump_speed > 0.0:
            pressure_pa += _RIPPLE_PA * air.pump_speed * self.chip.next_noise()
        sensor = self.board["pressure_sensor"]
        uv = sensor["zero_mv"] * 1000.0 + pressure_pa * sensor["uv_per_kpa"] / 1000.0
        return min(max(uv, 0.0), self.rail_uv)


def _drive_nothing(_share: float) -> None:
    """Do nothing: an output without an effect on the plant."""


def _garbled(chip: "Chip", data: bytes) -> bytes:
    """Return `data` with every byte changed."""
    return bytes([byte ^ (1 + (chip.random() >> 8) % 255) for byte in data])


def _show(chip: "Chip", data: bytes) -> None:
    spoilt = chip.plant.chip.pixels_spoilt
    if spoilt and (chip.random() >> 8) % spoilt == 0:
        data = _garbled(chip, data)
    chip.pixels = bytes(data).hex()
