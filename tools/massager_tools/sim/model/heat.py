"""Model the heating pad on a leg: wire, face, skin, blood flow, two thermistors, two switches.

Heat flows wire → face → skin → core, and from both to the air. The wire and the face are
two masses, so a thermistor reads between them, late. A pad that lies folded has a second
zone with a wire and a face of its own, away from the leg and from both thermistors.
Units: W, J/K, °C, seconds.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .ntc_circuit import NtcCircuit
    from .thermistor import Thermistor

OPEN = 1  # states of a thermistor
SHORT = 2
FROZEN = 3
DETACHED = 4
DRIFTS_UP = 5
DRIFTS_DOWN = 6

_STEP_S = 0.1  # every time constant here is seconds; the heater's power is averaged
_PERFUSION_FROM_C = 41.0  # skin: blood flow begins to answer the heat …
_PERFUSION_FULL_C = 44.0  # … and has done what it can
_DETACHED_FOLLOWS = 0.25  # a thermistor off the pad still feels a quarter of its warmth
_SETTLE_ROUNDS = 30  # skin and blood flow answer each other; half-way steps find their balance
_DRIFT_C_PER_S = 0.05  # moisture in the bead, a bad crimp: 3 °C a minute
_FOLD_TO_PAD_W_PER_K = 0.3  # along the pad, from the fold to the rest of it
_OPEN_OHM = 1e9


class Heat:
    """`p` is the section "heat" of the parameters.

    Commands: `enable` (high-side switch), `duty` 0…1 (low-side switch). Surroundings:
    `leg_on`, `blanket`. Results: `face_c` (what touches the skin), `wire_c`, `skin_c`,
    `ntc_c`, `power_w`, `current_a`.
    """

    def __init__(self, p: "dict[str, Any]") -> None:
        self.p = p
        self.enable = False
        self.duty = 0.0
        self.leg_on = True
        self.blanket = False
        self.high_side_welded = False
        self.low_side_welded = False
        self.low_side_induced = False  # its gate floats, and what pump and motor induce opens it
        self.noisy = False  # pump or motor runs; the plant says so
        self.pad_open = False
        self.ntc_faults = [0, 0]
        self.ntc_drift_c = [0.0, 0.0]  # stays when the drift is mended
        self.ntc_drift_c_per_s = [_DRIFT_C_PER_S, _DRIFT_C_PER_S]
        self.ntc_beta_factor = 1.0  # B value of the soldered parts / that of the board file
        self.folded = 0.0  # share of the pad that lies on itself, away from both thermistors
        # the NtcCircuit of the board, which gets damp as the pad heats
        self.circuit: NtcCircuit | None = None
        ambient_c = p["ambient_c"]
        self.wire_c = ambient_c
        self.face_c = ambient_c
        self.fold_wire_c = ambient_c
        self.fold_face_c = ambient_c
        self.skin_c = p["skin_start_c"]
        self.perfusion = 0.0  # 0 at rest, 1 when the skin is hot
        self.ntc_c = [ambient_c, ambient_c]
        self.power_w = 0.0
        self.current_a = 0.0
        self.updates = 0  # counts integrations: what depends on temperature may be cached
        self._energy_j = 0.0
        self._elapsed_s = 0.0

    def set_leg(self, on: bool) -> None:
        """Put a leg with cool skin on the pad, or take it off."""
        if on and not self.leg_on:
            self.skin_c = self.p["skin_start_c"]
            self.perfusion = 0.0
        self.leg_on = on

    def warm(self, face_c: float) -> None:
        """Set pad and skin as after a long time with the face held at `face_c`."""
        p = self.p
        to_skin = p["pad_to_skin_w_m2k"]
        for _ in range(_SETTLE_ROUNDS):
            to_core = self.to_core_w_m2k()
            self.skin_c = (to_skin * face_c + to_core * p["core_c"]) / (to_skin + to_core)
            self.perfusion += (self.perfusion_wanted() - self.perfusion) / 2.0
        self.face_c = face_c
        from_wire_w = p["pad_area_m2"] * to_skin * (face_c - self.skin_c)
        self.wire_c = face_c + from_wire_w / p["wire_to_face_w_per_k"]
        for index in (0, 1):
            self.ntc_c[index] = face_c + p["ntc_placement"][index] * (self.wire_c - face_c)

    def hottest_c(self) -> float:
        """Return the temperature of the hottest face of the pad, °C."""
        return max(self.face_c, self.fold_face_c) if self.folded else self.face_c

    def conductor_live(self) -> bool:
        """Return whether the heater's conductor carries the supply voltage."""
        return self.enable or self.high_side_welded

    def conduction(self) -> float:
        """Return the share of the time in which current flows through the pad, 0…1."""
        if self.pad_open or not (self.enable or self.high_side_welded):
            return 0.0
        return 1.0 if self._low_side_conducts() else self.duty

    def _low_side_conducts(self) -> bool:
        """Return whether the low-side switch conducts, whatever is asked of it."""
        return self.low_side_welded or (self.low_side_induced and self.noisy)

    def node_live(self, low_side_on: bool) -> bool:
        """Return whether the node between pad and low-side switch carries the supply voltage."""
        if self.pad_open or low_side_on or self._low_side_conducts():
            return False
        return self.enable or self.high_side_welded

    def step(self, dt_s: float, supply_v: float) -> None:
        """Advance by `dt_s`; temperatures move every 0.1 s."""
        conduction = self.conduction()
        if conduction > 0.0:
            self.current_a = supply_v * conduction / self.p["heater_ohm"]
            self._energy_j += supply_v * self.current_a * dt_s
        else:
            self.current_a = 0.0
        self._elapsed_s += dt_s
        # a hair less than the step, or the sum of ten floats falls short of it
        if self._elapsed_s > _STEP_S - 1e-6:
            self.power_w = self._energy_j / self._elapsed_s
            if self.circuit is not None and self.power_w > 0.0:
                self.circuit.warm(self._elapsed_s)
            self._integrate(self._elapsed_s)
            self._energy_j = 0.0
            self._elapsed_s = 0.0

    def perfusion_wanted(self) -> float:
        """Return the blood flow, 0…1, that the present skin temperature settles at."""
        hot = (self.skin_c - _PERFUSION_FROM_C) / (_PERFUSION_FULL_C - _PERFUSION_FROM_C)
        return min(1.0, max(0.0, hot))

    def to_core_w_m2k(self) -> float:
        """Return how well the skin is cooled from within, W/m²K."""
        p = self.p
        return p["skin_to_core_w_m2k"] * (1.0 + p["perfusion_gain"] * self.perfusion)

    def _integrate(self, dt_s: float) -> None:
        p = self.p
        flat = 1.0
        if self.folded:
            flat = 1.0 - self.folded
            self._integrate_fold(dt_s)
        else:
            self.fold_wire_c = self.wire_c
            self.fold_face_c = self.face_c
        area = p["pad_area_m2"] * flat
        ambient_c = p["ambient_c"]
        wire_c = self.wire_c
        face_c = self.face_c
        skin_c = self.skin_c
        to_face_w = p["wire_to_face_w_per_k"] * flat * (wire_c - face_c)
        skin_w = -area * self.to_core_w_m2k() * (skin_c - p["core_c"])
        if self.leg_on:
            outer = p["loss_blanket_w_m2k"] if self.blanket else p["loss_worn_w_m2k"]
            from_face_w = area * p["pad_to_skin_w_m2k"] * (face_c - skin_c)
            skin_w += from_face_w
        else:
            outer = p["loss_worn_w_m2k"] if self.blanket else p["loss_open_w_m2k"]
            from_face_w = area * outer * (face_c - ambient_c)
            skin_w -= area * p["loss_open_w_m2k"] * (skin_c - ambient_c)
        loss_w = area * outer * (wire_c - ambient_c)
        if self.perfusion or skin_c > _PERFUSION_FROM_C:
            self.perfusion += (self.perfusion_wanted() - self.perfusion) * dt_s / p["perfusion_s"]
        self.skin_c = skin_c + skin_w * dt_s / p["skin_j_per_k"]
        wire_w = self.power_w * flat - to_face_w - loss_w
        self.wire_c = wire_c + wire_w * dt_s / (p["wire_j_per_k"] * flat)
        self.face_c = face_c + (to_face_w - from_face_w) * dt_s / (p["face_j_per_k"] * flat)
        self._integrate_ntc(0, dt_s)
        self._integrate_ntc(1, dt_s)
        self.updates += 1

    def _integrate_fold(self, dt_s: float) -> None:
        """Let the folded zone warm: two layers face to face, with air on both of their backs."""
        p = self.p
        share = self.folded
        wire_c = self.fold_wire_c
        face_c = self.fold_face_c
        if not self.leg_on:
            outer = p["loss_worn_w_m2k"] if self.blanket else p["loss_open_w_m2k"]
        else:
            outer = p["loss_blanket_w_m2k"] if self.blanket else p["loss_worn_w_m2k"]
        loss_w = p["pad_area_m2"] * share * outer * (wire_c - p["ambient_c"])
        along_w = _FOLD_TO_PAD_W_PER_K * (face_c - self.face_c)
        to_face_w = p["wire_to_face_w_per_k"] * share * (wire_c - face_c)
        wire_w = self.power_w * share - to_face_w - loss_w
        self.fold_wire_c = wire_c + wire_w * dt_s / (p["wire_j_per_k"] * share)
        self.fold_face_c = face_c + (to_face_w - along_w) * dt_s / (p["face_j_per_k"] * share)
        self.face_c += along_w * dt_s / (p["face_j_per_k"] * (1.0 - share))

    def _integrate_ntc(self, index: int, dt_s: float) -> None:
        fault = self.ntc_faults[index]
        if fault == FROZEN:
            return
        p = self.p
        face_c = self.face_c
        spot_c = face_c + p["ntc_placement"][index] * (self.wire_c - face_c)
        if fault == DETACHED:
            spot_c = p["ambient_c"] + _DETACHED_FOLLOWS * (spot_c - p["ambient_c"])
        elif fault == DRIFTS_UP:
            self.ntc_drift_c[index] += self.ntc_drift_c_per_s[index] * dt_s
        elif fault == DRIFTS_DOWN:
            self.ntc_drift_c[index] -= self.ntc_drift_c_per_s[index] * dt_s
        ntc_c = self.ntc_c[index]
        self.ntc_c[index] = ntc_c + (spot_c - ntc_c) * dt_s / p["ntc_lag_s"][index]

    def ntc_ohm(self, index: int, thermistor: "Thermistor") -> float:
        """Return the resistance of NTC `index`, a `thermistor.Thermistor`, its fault included."""
        fault = self.ntc_faults[index]
        if fault == OPEN:
            return _OPEN_OHM
        if fault == SHORT:
            return 0.0
        return thermistor.ohm(self.ntc_c[index] + self.ntc_drift_c[index], self.ntc_beta_factor)
