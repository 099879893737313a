"""A core on the bench: a controller with a coarse integer plant and a person's finger.

The plant is just enough for every state to be reached; real physics is the virtual
massager's. Runs on MicroPython too.
"""

from massager.core import signals
from massager.core.safety import supervisor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

WRAP_MS = 1 << 30
_NOISE_UV = 300
TICK_MS = 10
_OPEN_MS = 300
ZERO_UV = 250_000
UV_PER_KPA = 100_000
SUPPLY_PERMILLE = 130
WIRING_ID = 1
UV_PER_KELVIN = 15_000
UV_AT_ZERO_C = 1_500_000


def ntc_table() -> bytes:
    """Return a straight line: 0 °C at 1.5 V, -15 mV/K; an entry is in 4 m°C above -40 °C."""
    table = bytearray()
    for i in range(404):
        entry = ((UV_AT_ZERO_C - (i << 13)) * 1000 // UV_PER_KELVIN + 40_000) // 4
        table.append(max(entry, 0) & 255)
        table.append(max(entry, 0) >> 8)
    return bytes(table)


def board(leave_out: "Collection[str]" = ()) -> "dict[str, Any]":
    """Return a full board, without the roles in `leave_out`."""
    names = (
        "pump chamber_1 chamber_2 chamber_3 exhaust pressure heater_enable heater_pwm "
        "pad_temp_a pad_temp_b heater_sense motor tach supply pixels lamp heartbeat "
        "button_power button_up button_down button_program button_heat"
    )
    return {
        "name": "bench",
        "roles": {name: {} for name in names.split() if name not in leave_out},
        "ntc_table": ntc_table(),
        "pressure_sensor": {"zero_mv": ZERO_UV // 1000, "uv_per_kpa": UV_PER_KPA},
        "wiring_id": WIRING_ID,
        "supply_divider": {"permille": SUPPLY_PERMILLE},
        "tach_pulses_per_turn": 1,
        "motor": {"rpm_at_12v": 3_000},
    }


def load(name: str) -> "Any":
    """Return a module of the core by its name inside it, `safety.gate`."""
    __import__("massager.core." + name)
    module = __import__("massager")
    for part in ("core." + name).split("."):
        module = getattr(module, part)
    return module


class Plant:
    """Pad, leg and motor as they answer to outputs, in small integers."""

    def __init__(self) -> None:
        self.pad_a_mc = 30_000
        self.pad_b_mc = 29_500
        self.supply_mv = 12_000
        self.pressure_pa = 0
        self.speed_rpm = 0
        self.node_live = 0
        self.frozen = False  # leave everything as a test has set it
        self._pad_rest = 0  # 1/64 m°C
        self._turn = 0
        self._reads = 0
        self._edges = 0
        self._chambers_pa = [0] * 4

    def step(self, outputs: signals.Outputs) -> None:
        """Advance by 10 ms."""
        self.node_live = int(outputs.heater_enable and not outputs.heater_permille)
        if self.frozen:
            return
        heat = outputs.heater_permille * 16 // 75 if outputs.heater_enable else 0
        gain = self._pad_rest + heat - (self.pad_a_mc - 30_000) // 128
        self.pad_a_mc += gain // 64  # 0.33 °C/s at full power; 480 permille hold it at 43 °C
        self._pad_rest = gain & 63
        self.pad_b_mc = self.pad_a_mc - 500
        self._blow(outputs.pump_permille > 0, outputs.chambers)
        wanted = outputs.motor_permille * 3
        self.speed_rpm += (wanted - self.speed_rpm) // 20
        self._turn += self.speed_rpm
        if self._turn >= 6_000:
            self._turn -= 6_000
            self._edges = (self._edges + 1) & 0xFFFF

    def _blow(self, pump_on: bool, chambers: int) -> None:
        """Share the air among the chambers on the manifold, vent the others."""
        chambers_pa = self._chambers_pa
        joined = 0
        total_pa = 0
        for index in range(4):
            if chambers >> index & 1:
                joined += 1
                total_pa += chambers_pa[index]
            else:
                chambers_pa[index] -= (chambers_pa[index] + 19) // 20
        if joined:
            self.pressure_pa = total_pa // joined + (8 if pump_on else 0)
            for index in range(4):
                if chambers >> index & 1:
                    chambers_pa[index] = self.pressure_pa
        elif pump_on:
            self.pressure_pa += 400

    def read(self, inputs: signals.Inputs) -> None:
        """Fill `inputs` with the readings of the sensors."""
        self._reads += 1
        noise_uv = self._reads // 10 % 2 * _NOISE_UV  # a live converter is never without
        inputs.pad_a_uv = UV_AT_ZERO_C - self.pad_a_mc * (UV_PER_KELVIN // 1000) + noise_uv
        inputs.pad_b_uv = UV_AT_ZERO_C - self.pad_b_mc * (UV_PER_KELVIN // 1000) + noise_uv
        inputs.pressure_uv = ZERO_UV + self.pressure_pa * (UV_PER_KPA // 1000)
        inputs.supply_uv = self.supply_mv * SUPPLY_PERMILLE
        inputs.heater_sense = self.node_live
        inputs.tach_edges = self._edges
        inputs.tach_turn_us = 60_000_000 // self.speed_rpm if self.speed_rpm > 5 else 0
        inputs.tach_age_us = self._turn * 10_000 // max(self.speed_rpm, 1)


class Bench:
    """Controller, plant and buttons; `core` loads modules by name, plain or checked."""

    def __init__(
        self,
        start_ms: int = 1_000,
        core: "Callable[[str], Any]" = load,
        on_board: "dict[str, Any] | None" = None,
        settings: "signals.Settings | None" = None,
        heat_unlocked: bool = True,
    ) -> None:
        signal_types = core("signals")
        self.now_ms = start_ms
        self.inputs = signal_types.Inputs()
        self.outputs = signal_types.Outputs()
        self.settings = settings or signal_types.Settings()
        self.settings.proven_wiring = WIRING_ID if heat_unlocked else 0
        self.plant = Plant()
        self.storage_requests = 0
        self.controller = core("controller").Controller(on_board or board(), self.settings)

    @property
    def state(self) -> int:
        """Return the state of the controller."""
        return self.controller.state

    def tick(self) -> None:
        """Run one tick of plant and controller."""
        self.before()
        self.step()

    def before(self) -> None:
        """Run the plant's part of a tick."""
        self.plant.step(self.outputs)
        self.plant.read(self.inputs)

    def step(self) -> None:
        """Run the controller's part of a tick."""
        self.controller.step(self.now_ms, self.inputs, self.outputs, self.storage_requests)
        self.now_ms = (self.now_ms + TICK_MS) % WRAP_MS

    def run(self, ms: int) -> None:
        """Let `ms` pass."""
        for _ in range(ms // TICK_MS):
            self.tick()

    def press(self, button: int, ms: int = 500) -> None:
        """Hold `button` for `ms`, let go, wait for the debounce.

        The contact is open for as long before as a clean press needs.
        """
        self.run(_OPEN_MS)
        self.inputs.buttons |= button
        self.run(ms)
        self.inputs.buttons &= ~button
        self.run(100)

    def clear(self) -> None:
        """Clear the fault that is shown: hold power, then press it."""
        self.press(signals.BUTTON_POWER, 3_200)
        self.press(signals.BUTTON_POWER)

    def start(self) -> None:
        """Press power and wait until the program runs."""
        self.press(signals.BUTTON_POWER)
        self.run_until(supervisor.RUN, 20_000)

    def run_until(self, state: int, within_ms: int) -> None:
        """Let time pass until `state`; AssertionError if it does not come."""
        for _ in range(within_ms // TICK_MS):
            if self.controller.state == state:
                return
            self.tick()
        raise AssertionError("state {} after {} ms".format(self.controller.state, within_ms))

    def is_energised(self) -> bool:
        """Return whether any output would move, squeeze or warm."""
        out = self.outputs
        return bool(
            out.pump_permille
            or out.chambers
            or out.exhaust
            or out.heater_enable
            or out.heater_permille
            or out.motor_permille
        )


def running() -> Bench:
    """Return a bench whose session is running."""
    bench = Bench()
    bench.start()
    return bench
