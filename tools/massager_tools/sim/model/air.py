"""Pump, check valve, manifold, valves, hoses and air chambers around the leg.

Amounts of air are millilitres at ambient pressure, pressures pascals above ambient.
Every opening is an orifice: flow = k * sqrt(pressure difference), made linear around the
last difference so that one implicit solve gives the manifold's pressure at any step.
"""

from math import sqrt

from massager_tools.units import PA_PER_MMHG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STUCK_ON = 1  # states of a valve: stays as if energised …
STUCK_OFF = 2  # … or as if not
SENSOR_OPEN = 1  # states of the pressure sensor
SENSOR_SHORT = 2
SENSOR_FROZEN = 3

_STEP_S = 0.01
_ATMOSPHERE_PA = 101_325.0
_LAMINAR_PA = 35.0  # below about 0.25 mmHg an orifice is laminar; keeps the slope finite
_STILL_PA = 0.5  # less than this moves nothing worth computing …
_EMPTY_ML = 1.0  # … nor does this, which makes no more of it in a chamber
_ORIFICE_ML_S = 0.65 * 3.14159 / 4 * 1.29  # discharge 0.65, air 1.2 kg/m3: mL/s, mm2, sqrt(Pa)
_RELIEF_ML_S_PA = 0.04  # the relief valve's slope: 41 mL/s at 8 mmHg above opening
_VALVE_DROP_OUT_V = 5.0  # a 12 V solenoid lets go below this
_PUMP_START_S = 0.15
_PUMP_FRICTION = 0.2  # share of the voltage that only overcomes friction
_PUMP_STALL = 0.45  # a running pump stops below this share of 12 V
_NOMINAL_V = 12.0


def orifice(diameter_mm: float) -> float:
    """Return the flow coefficient of a hole, in mL/s per square root of a pascal."""
    return _ORIFICE_ML_S * diameter_mm * diameter_mm


class Air:
    """`p` is the section "air" of the parameters; `chambers` 2…4, distal first.

    Commands: `pump_duty` 0…1, `chamber_on[n]`, `exhaust_on`. Results: `manifold_pa`,
    `chamber_pa[n]`, `pump_speed` 0…1, `current_a`.
    """

    def __init__(self, p: "dict[str, Any]", chambers: int, has_exhaust: bool) -> None:
        self.p = p
        self.chambers = chambers
        self.has_exhaust = has_exhaust
        self.pump_duty = 0.0
        self.chamber_on = [False] * chambers
        self.exhaust_on = False
        self.pump_strength = 1.0
        self.valve_faults = [0] * chambers
        self.exhaust_fault = 0
        self.hose_openness = [1.0] * chambers
        self.extra_leak_mm = [0.0] * chambers
        self.sensor_fault = 0
        self.pump_stuck_on = False  # its switch conducts permanently
        self.slack_factor = 1.0  # a wrap with no leg in it takes more air
        self.leg_pa = [0.0] * chambers  # a moving leg presses on what is filled
        self.pump_speed = 0.0
        self.manifold_pa = 0.0
        self.chamber_pa = [0.0] * chambers
        self.chamber_ml = [0.0] * chambers
        self.current_a = 0.0
        self._sensor_pa = 0.0
        self._valve_k = orifice(p["valve_mm"])
        self._inlet_k = self._valve_k
        self._exhaust_k = orifice(p["exhaust_mm"])
        self._leak_k = [
            self._leak_coefficient(index, p["leak_mmhg_s"][index]) for index in range(chambers)
        ]
        self._manifold_leak_k = orifice(p["manifold_leak_mm"])
        self._manifold_ml_pa = p["manifold_ml"] / _ATMOSPHERE_PA
        self._pump_ml_s = p["pump_l_min"] * 1000.0 / 60.0
        self._pump_max_pa = p["pump_max_kpa"] * 1000.0
        self._relief_pa = p["relief_mmhg"] * PA_PER_MMHG

    def _leak_coefficient(self, index: int, mmhg_per_s: float) -> float:
        """Return the coefficient of a hole by which a chamber at 30 mmHg loses `mmhg_per_s`."""
        flow_ml_s = mmhg_per_s * self.p["chamber_ml_per_mmhg"][index]
        return flow_ml_s / sqrt(30.0 * PA_PER_MMHG)

    def widen_inlets(self, diameter_mm: float) -> None:
        """Make the chamber valves wider on the way in than out, as no real one is."""
        self._inlet_k = orifice(diameter_mm)

    def valve_on(self, index: int, supply_v: float) -> bool:
        """Return whether chamber `index` is on the manifold (and so cut off from the air)."""
        fault = self.valve_faults[index]
        if fault:
            return fault == STUCK_ON
        return self.chamber_on[index] and supply_v > _VALVE_DROP_OUT_V

    def exhaust_closed(self, supply_v: float) -> bool:
        """Return whether the manifold is cut off from the air."""
        if not self.has_exhaust:
            return True
        if self.exhaust_fault:
            return self.exhaust_fault == STUCK_ON
        return self.exhaust_on and supply_v > _VALVE_DROP_OUT_V

    def _pump_conducts(self) -> float:
        """Return the share of the time in which the pump's switch conducts, 0…1."""
        return 1.0 if self.pump_stuck_on else self.pump_duty

    def pump_power_w(self, supply_v: float) -> float:
        """Return what the pump draws from a supply of `supply_v`, W."""
        return self.p["pump_a"] * self._pump_conducts() * supply_v

    def step(self, dt_s: float, supply_v: float) -> None:
        """Advance by `dt_s`, in parts of 10 ms at most."""
        self._spin(dt_s, supply_v)
        if self.pump_speed == 0.0 and self.is_still():
            self.manifold_pa = 0.0
        else:
            while dt_s > _STEP_S * 1.5:
                self._flow(_STEP_S, supply_v)
                dt_s -= _STEP_S
            self._flow(dt_s, supply_v)
        if self.sensor_fault != SENSOR_FROZEN:
            self._sensor_pa = self.manifold_pa

    def is_still(self) -> bool:
        """Return whether there is no air anywhere that could move."""
        if self.manifold_pa > _STILL_PA:
            return False
        for volume_ml in self.chamber_ml:  # no generator: this runs at every step
            if volume_ml > _EMPTY_ML:
                return False
        return True

    def _spin(self, dt_s: float, supply_v: float) -> None:
        duty = self._pump_conducts()
        drive = duty * supply_v / _NOMINAL_V
        speed = self.pump_speed
        needed = _PUMP_STALL if speed > 0.0 else self.p["pump_start"]
        if drive >= needed:
            target = (drive - _PUMP_FRICTION) / (1.0 - _PUMP_FRICTION)
        else:
            target = 0.0
        if target == 0.0 and speed < 0.01:
            self.pump_speed = 0.0
        elif target != speed:
            lag_s = _PUMP_START_S if target > speed else self.p["pump_stop_s"]
            self.pump_speed = speed + (target - speed) * min(1.0, dt_s / lag_s)
        current_a = self.p["pump_a"] * duty if duty > 0.0 else 0.0
        for on in self.chamber_on:
            if on:
                current_a += self.p["valve_a"]
        if self.exhaust_on:
            current_a += self.p["valve_a"]
        self.current_a = current_a

    def _flow(self, dt_s: float, supply_v: float) -> None:
        manifold_pa = self.manifold_pa
        # sum of conductances, and of conductance times pressure on the far side
        conductance = self._manifold_ml_pa / dt_s
        flow = conductance * manifold_pa
        if self.pump_speed > 0.0:
            # the check valve lets this through forwards only; the curve ends at pump_max
            free_ml_s = self._pump_ml_s * self.pump_speed * self.pump_strength
            conductance += free_ml_s / self._pump_max_pa
            flow += free_ml_s
        out_k = self._manifold_leak_k
        if not self.exhaust_closed(supply_v):
            out_k += self._exhaust_k
        conductance += out_k / sqrt(abs(manifold_pa) + _LAMINAR_PA)
        if manifold_pa > self._relief_pa:
            conductance += _RELIEF_ML_S_PA
            flow += _RELIEF_ML_S_PA * self._relief_pa
        chamber_pa = self.chamber_pa
        joined = 0
        for index in range(self.chambers):
            if self.valve_on(index, supply_v):
                difference_pa = abs(manifold_pa - chamber_pa[index])
                path = self._inlet_k * self.hose_openness[index]
                path /= sqrt(difference_pa + _LAMINAR_PA)
                conductance += path
                flow += path * chamber_pa[index]
                joined |= 1 << index
        manifold_new_pa = flow / conductance
        for index in range(self.chambers):
            if joined & (1 << index):
                difference_pa = abs(manifold_pa - chamber_pa[index])
                far_pa = manifold_new_pa
                path = self._inlet_k
            elif self.chamber_ml[index] > _EMPTY_ML:  # without pressure, too: a leg may come back
                difference_pa = chamber_pa[index]
                far_pa = 0.0
                path = self._valve_k
            else:
                continue
            path *= self.hose_openness[index] / sqrt(difference_pa + _LAMINAR_PA)
            self._fill(index, path * (far_pa - chamber_pa[index]), dt_s)
        self.manifold_pa = manifold_new_pa

    def _fill(self, index: int, inflow_ml_s: float, dt_s: float) -> None:
        """Move air into one chamber, less its leaks, and update its pressure."""
        p = self.p
        pressure_pa = self.chamber_pa[index]
        leak = self._leak_k[index]
        hole_mm = self.extra_leak_mm[index]
        if hole_mm:
            leak += orifice(hole_mm)
        inflow_ml_s -= leak * pressure_pa / sqrt(abs(pressure_pa) + _LAMINAR_PA)
        volume_ml = max(0.0, self.chamber_ml[index] + inflow_ml_s * dt_s)
        self.chamber_ml[index] = volume_ml
        slack_ml = p["chamber_slack_ml"][index] * self.slack_factor
        if volume_ml <= slack_ml:
            pressure_mmhg = p["slack_mmhg"] * volume_ml / slack_ml
        else:
            stretch_ml = volume_ml - slack_ml
            pressure_mmhg = p["slack_mmhg"] + stretch_ml / p["chamber_ml_per_mmhg"][index]
        pressure_pa = pressure_mmhg * PA_PER_MMHG
        push_pa = self.leg_pa[index]
        if push_pa:
            # an empty bag gives way, a full one takes the whole push
            pressure_pa = max(0.0, pressure_pa + push_pa * min(1.0, volume_ml / slack_ml))
        self.chamber_pa[index] = pressure_pa

    def sensor_pa(self) -> float:
        """Return the manifold pressure that the sensor reads, its errors included."""
        p = self.p
        pressure_pa = self._sensor_pa * (1.0 + p["sensor_gain_error"]) + p["sensor_zero_pa"]
        return min(pressure_pa, p["sensor_max_kpa"] * 1000.0)
