"""The DC motor with its eccentric: speed from back-EMF, resistance, inertia and load.

All quantities are at the eccentric's shaft, behind the gear: V·s/rad, N·m, kg·m2, rad/s.
Switched at 20 kHz with a freewheel diode: the current is continuous and never negative,
so the drive never brakes. At rest the brushes, the gear and the weight of the eccentric
hold the shaft until the torque overcomes them.
"""

from math import cos, pi, sin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TURN = 2.0 * pi

_SPARK_S = 3e-4  # after its edge
_SWEPT_RAD = 1e-3  # less than this in a step: the weight pulls as it does at the angle


class Motor:
    """`p` is the section "motor" of the parameters.

    Commands: `duty` 0…1. Surroundings: `extra_load_nm` (feet resting on the plate).
    Faults: `stalled` (the shaft is blocked), `switch_shorted` (full duty, whatever is
    asked), `tach_lost`, `tach_sparks` (a false edge after each true one), `tach_wrong_edges`
    (share of the rising edges, too slow for the chip's input, that trigger as falling ones),
    `tach_low_edges` (the same, so slow that the pin still reads low when the handler looks),
    `tach_noise_hz` (pulses that the shaft does not make).
    Results: `speed_rad_s`, `current_a`, `supply_current_a`, and for the tach `edge_shares`,
    `edge_rises` and `edge_levels`: when in the last step, as a share of it, as which edge the
    chip takes it, and the level after it.
    """

    def __init__(self, p: "dict[str, Any]", pulses_per_turn: int) -> None:
        self.p = p
        self.duty = 0.0
        self.extra_load_nm = 0.0
        self.stalled = False
        self.switch_shorted = False
        self.tach_lost = False
        self.tach_sparks = False
        self.tach_wrong_edges = 0.0
        self.tach_low_edges = 0.0
        self.tach_noise_hz = 0
        self.speed_rad_s = 0.0
        self.angle_rad = 0.0
        self.turns = 0  # whole turns since power-on
        self.current_a = 0.0
        self.supply_current_a = 0.0
        self._half_pulse_rad = pi / pulses_per_turn
        self.half_pulses = 0  # half pulses of the tach since power-on; even: level is low
        self.edge_shares: list[float] = []
        self.edge_rises: list[bool] = []
        self.edge_levels: list[int] = []
        self._random = int(p["ke_v_s_per_rad"] * 1e10)  # every motor has its own luck
        self._missing = False

    def step(self, dt_s: float, supply_v: float) -> None:
        """Advance by `dt_s` (at most 10 ms for a faithful ripple)."""
        if self.edge_shares:
            self.edge_shares.clear()
            self.edge_rises.clear()
            self.edge_levels.clear()
        if self.tach_noise_hz:
            self._add_noise(dt_s)
        speed = self.speed_rad_s
        duty = 1.0 if self.switch_shorted else self.duty
        if duty == 0.0 and speed == 0.0:
            self.current_a = 0.0
            self.supply_current_a = 0.0
            return
        p = self.p
        ke = p["ke_v_s_per_rad"]
        ohm = p["ohm"]
        drive_v = duty * supply_v
        if self.stalled or (speed == 0.0 and self._held(ke * drive_v / ohm)):
            self.speed_rad_s = 0.0
            self._set_current(drive_v / ohm, duty)
            return
        load_nm = p["friction_nm"] + self.extra_load_nm + self._weight_nm(speed * dt_s)
        drag = p["drag_nm_s_per_rad"]
        inertia = p["inertia_kg_m2"]
        if drive_v > ke * speed:
            # implicit in the speed: stable however light the rotor is
            torque_nm = ke * drive_v / ohm - load_nm
            stiffness = ke * ke / ohm + drag
        else:
            torque_nm = -load_nm
            stiffness = drag
        new = (inertia * speed + torque_nm * dt_s) / (inertia + stiffness * dt_s)
        if new < 0.0:
            new = 0.0  # friction brakes and does not push
        self.speed_rad_s = new
        self._set_current((drive_v - ke * new) / ohm if drive_v > ke * new else 0.0, duty)
        self._turn(0.5 * (speed + new) * dt_s, dt_s)

    def _held(self, torque_nm: float) -> bool:
        """Return whether a shaft at rest stays there."""
        p = self.p
        weight_nm = p["ripple_nm"] * sin(self.angle_rad)
        return torque_nm <= p["static_nm"] + self.extra_load_nm + weight_nm

    def _weight_nm(self, swept_rad: float) -> float:
        """Return the torque of the weight, averaged over the angle that it passes in a step."""
        angle = self.angle_rad
        if swept_rad < _SWEPT_RAD:
            return self.p["ripple_nm"] * sin(angle)
        return self.p["ripple_nm"] * (cos(angle) - cos(angle + swept_rad)) / swept_rad

    def _set_current(self, current_a: float, duty: float) -> None:
        self.current_a = current_a
        self.supply_current_a = current_a * duty

    def _turn(self, swept_rad: float, dt_s: float) -> None:
        """Turn the shaft; note the edges of the hall sensor on the way."""
        start = self.angle_rad
        end = start + swept_rad
        half = self._half_pulse_rad
        index = int(start / half) + 1
        while index * half <= end:
            self.half_pulses += 1
            if not self.tach_lost:
                self._edge((index * half - start) / swept_rad, dt_s)
            index += 1
        if end >= TURN:
            end -= TURN
            self.turns += 1
        self.angle_rad = end

    def _edge(self, share: float, dt_s: float) -> None:
        p = self.p
        rises = self.half_pulses & 1 == 1
        if rises:  # a pulse goes missing as a whole
            self._missing = self._dice() < p["tach_missed"]
        if self._missing:
            return
        late = self._dice() * p["tach_jitter_us"] * 1e-6 / dt_s
        share = min(share + late, 1.0)
        self._add(share, rises, 1 if rises else 0)
        if self.tach_sparks:
            self._add(min(share + _SPARK_S / dt_s, 1.0), rises, 1 if rises else 0)
        if rises and self.tach_wrong_edges and self._dice() < self.tach_wrong_edges:
            self._add(share, False, 1)
        if rises and self.tach_low_edges and self._dice() < self.tach_low_edges:
            self._add(share, False, 0)

    def _add(self, share: float, rises: bool, level: int) -> None:
        self.edge_shares.append(share)
        self.edge_rises.append(rises)
        self.edge_levels.append(level)

    def _add_noise(self, dt_s: float) -> None:
        """Add the edges that noise makes in a step, evenly spaced: falling and rising in turn."""
        count = int(self.tach_noise_hz * dt_s + self._dice())
        for index in range(count):
            for rises in (False, True):
                share = (2 * index + 1 + rises) / (2 * count + 1)
                self._add(share, rises, 1 if rises else 0)

    def _dice(self) -> float:
        """Return an even random number 0…1; the same on both interpreters."""
        self._random = (self._random * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        return (self._random >> 8) / 0x800000
