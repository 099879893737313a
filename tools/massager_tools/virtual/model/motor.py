"""The DC motor with its eccentric: speed from back-EMF, resistance, inertia and load.

All quantities are at the eccentric's shaft, behind the gear: V·s/rad, N·m, kg·m2, rad/s.
Switched at 20 kHz with a freewheel diode: the current is continuous and never negative.
"""

from math import cos, pi

TURN = 2.0 * pi


class Motor:
    """`p` is the section "motor" of the parameters.

    Commands: `duty` 0…1. Surroundings: `extra_load_nm` (feet resting on the plate).
    Results: `speed_rad_s`, `current_a`, `supply_current_a`, and for the tach `edges`,
    `edge_phase`: see `step`.
    """

    def __init__(self, p, pulses_per_turn):
        self.p = p
        self.duty = 0.0
        self.extra_load_nm = 0.0
        self.stalled = False
        self.tach_lost = False
        self.speed_rad_s = 0.0
        self.angle_rad = 0.0
        self.current_a = 0.0
        self.supply_current_a = 0.0
        self._half_pulse_rad = pi / pulses_per_turn
        self.half_pulses = 0  # half pulses of the tach since power-on; even: level is low
        self.edges = 0  # half pulses that ended in the last step …
        self.first_edge = 0.0  # … the first after this share of the step …
        self.edge_spacing = 0.0  # … the next after this much more

    def step(self, dt_s, supply_v):
        """Advance by `dt_s` (at most 10 ms for a faithful ripple)."""
        self.edges = 0
        speed = self.speed_rad_s
        if self.duty == 0.0 and speed == 0.0:
            self.current_a = 0.0
            self.supply_current_a = 0.0
            return
        p = self.p
        ke = p["ke_v_s_per_rad"]
        ohm = p["ohm"]
        if self.stalled:
            self.speed_rad_s = 0.0
            self._set_current(self.duty * supply_v / ohm)
            return
        drive_v = self.duty * supply_v
        load_nm = p["friction_nm"] + self.extra_load_nm
        # the weight of the eccentric, averaged over the angle it passes in this step
        angle = self.angle_rad
        swept = speed * dt_s
        if swept > 1e-3:
            ripple = (cos(angle) - cos(angle + swept)) / swept
            load_nm += p["ripple_nm"] * ripple
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
        self._set_current((drive_v - ke * new) / ohm if drive_v > ke * new else 0.0)
        self._turn(0.5 * (speed + new) * dt_s)

    def _set_current(self, current_a):
        self.current_a = current_a
        self.supply_current_a = current_a * self.duty

    def _turn(self, swept_rad):
        """Turn the shaft; note the edges of the hall sensor on the way."""
        start = self.angle_rad
        end = start + swept_rad
        half = self._half_pulse_rad
        passed = int(end / half) - int(start / half)
        if passed and not self.tach_lost:
            self.half_pulses += passed
            self.edges = passed
            self.first_edge = ((int(start / half) + 1) * half - start) / swept_rad
            self.edge_spacing = half / swept_rad
        self.angle_rad = end if end < TURN else end - TURN
