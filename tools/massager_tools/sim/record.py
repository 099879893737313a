"""True values as rows of numbers: the columns, and the peaks between two rows.

Runs on MicroPython; the host reads the same `columns`.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from massager_tools.sim.chip import Chip
    from massager_tools.sim.model.plant import Plant
    from massager_tools.sim.wiring import Wiring

_FIXED = (
    "t_ms",
    "boots",  # 1 after power-on, one more after every reset
    "supply_mv",
    "pad_mc",  # the face of the pad, that touches the skin
    "pad_max_mc",  # its peak since the last row
    "wire_mc",
    "ntc_a_mc",  # true temperature of each thermistor's bead
    "ntc_b_mc",
    "skin_mc",
    "heater_mw",
    "heater_enable",
    "heater_duty_permille",
    "manifold_pa",
    "manifold_max_pa",
    "chamber_max_pa",  # peak of any chamber since the last row
    "pump_duty_permille",
    "pump_speed_permille",
    "pump_mw",  # drawn from the supply, whatever is asked for
    "valves",  # bit n: valve of chamber n + 1 energised
    "exhaust",
    "motor_rpm",
    "motor_max_rpm",
    "motor_duty_permille",
    "motor_ma",
    "motor_mw",  # as pump_mw
    "energised",  # wiring.PUMP, VALVES, HEATER, MOTOR: any of it at any time since the last row
    "leg",
    "buttons",  # bit n: button n of buttons.NAMES held
    "faults",  # how many are on
    "failed_writes",  # to the flash, since power-on
)

_RPM_PER_RAD_S = 9.5493


def columns(chambers: int) -> "tuple[Any, ...]":
    """Return the names of a row's values, in order."""
    return _FIXED + tuple(["chamber_" + str(n + 1) + "_pa" for n in range(chambers)]) + ("pixels",)


class Recorder:
    """Observe the plant after every step, so that no peak is lost between two rows."""

    def __init__(self, chip: "Chip", plant: "Plant", wiring: "Wiring") -> None:
        self._chip = chip
        self._plant = plant
        self._wiring = wiring
        self._updates = -1
        self._pad_max_c = plant.heat.face_c
        self._manifold_max_pa = 0.0
        self._chamber_max_pa = 0.0
        self._motor_max_rad_s = 0.0

    def observe(self) -> None:
        """Take the peaks of one step."""
        plant = self._plant
        heat = plant.heat
        if heat.updates != self._updates:
            self._updates = heat.updates
            if heat.face_c > self._pad_max_c:
                self._pad_max_c = heat.face_c
        air = plant.air
        if air.manifold_pa > self._manifold_max_pa:
            self._manifold_max_pa = air.manifold_pa
        for pressure_pa in air.chamber_pa:
            if pressure_pa > self._chamber_max_pa:
                self._chamber_max_pa = pressure_pa
        if plant.motor.speed_rad_s > self._motor_max_rad_s:
            self._motor_max_rad_s = plant.motor.speed_rad_s

    def row(self) -> "list[Any]":
        """Return the values of `columns`, as strings; peaks start anew."""
        plant = self._plant
        heat = plant.heat
        air = plant.air
        motor = plant.motor
        supply_v = plant.supply.volts
        valves = 0
        for index in range(air.chambers):
            if air.chamber_on[index]:
                valves |= 1 << index
        values = [
            self._chip.now_us // 1000,
            self._chip.boots,
            supply_v * 1000.0,
            heat.face_c * 1000.0,
            self._pad_max_c * 1000.0,
            heat.wire_c * 1000.0,
            heat.ntc_c[0] * 1000.0,
            heat.ntc_c[1] * 1000.0,
            heat.skin_c * 1000.0,
            heat.power_w * 1000.0,
            heat.enable,
            heat.duty * 1000.0,
            air.manifold_pa,
            self._manifold_max_pa,
            self._chamber_max_pa,
            air.pump_duty * 1000.0,
            air.pump_speed * 1000.0,
            air.pump_power_w(supply_v) * 1000.0,
            valves,
            air.exhaust_on,
            motor.speed_rad_s * _RPM_PER_RAD_S,
            self._motor_max_rad_s * _RPM_PER_RAD_S,
            motor.duty * 1000.0,
            motor.current_a * 1000.0,
            motor.supply_current_a * supply_v * 1000.0,
            self._wiring.take_energised(),
            heat.leg_on,
            plant.buttons.pressed_mask(),
            len(plant.faults),
            plant.chip.failed_writes,
        ]
        for pressure_pa in air.chamber_pa:
            values.append(pressure_pa)
        self._pad_max_c = heat.face_c
        self._manifold_max_pa = air.manifold_pa
        self._chamber_max_pa = 0.0
        self._motor_max_rad_s = motor.speed_rad_s
        cells = [str(int(value)) for value in values]
        cells.append(self._chip.pixels)
        return cells
