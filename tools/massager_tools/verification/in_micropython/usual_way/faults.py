"""Faults by name: what each stops, and whether it stays until a person clears it."""
# MicroPython has no annotations
# mypy: ignore-errors

from usual_way.clock import ticks_diff, ticks_ms

# name -> (code, what it stops, stays)
FAULTS = {
    "supply_low": (1, "session", False),
    "loop_late": (2, "all", True),
    "button_stuck": (3, "", False),
    "program_error": (4, "all", True),
    "pad_over_temp_warning": (11, "heat", False),
    "pad_over_temp_trip": (12, "all", True),
    "ntc_a_invalid": (13, "heat", True),
    "ntc_b_invalid": (14, "heat", True),
    "ntc_slope": (15, "heat", True),
    "ntc_disagree_warning": (16, "", False),
    "ntc_disagree_trip": (17, "heat", True),
    "ntc_stuck": (18, "heat", True),
    "no_heat": (19, "heat", True),
    "heater_welded": (21, "all", True),
    "high_side_welded": (22, "all", True),
    "low_side_welded": (23, "all", True),
    "pressure_warning": (31, "air", False),
    "pressure_trip": (32, "all", True),
    "pressure_invalid": (33, "air", True),
    "pressure_zero_off": (34, "air", True),
    "pressure_frozen": (35, "air", True),
    "pressure_rising": (36, "all", True),
    "pressure_repeated": (37, "air", True),
    "leak_or_loose": (41, "air", True),
    "inflate_timeout": (42, "air", True),
    "hold_timeout": (43, "air", True),
    "squeezed_too_long": (44, "air", True),
    "vent_failed": (45, "all", True),
    "leak": (46, "", False),
    "leak_too_long": (47, "air", True),
    "motor_stalled": (51, "motor", True),
    "motor_overspeed": (52, "motor", True),
    "tach_lost": (53, "motor", True),
    "motor_runaway": (55, "all", True),
}


class FaultManager:
    """Those in force, and what they stop: costs something only when one comes or goes.

    `changed()` is called then; `latched` while a person has to clear something, `code` is what
    the lights blink, 0 for none.
    """

    def __init__(self, changed):
        self.active = set()
        self.heat = self.air = self.motor = self.session = self.all = self.latched = False
        self.code = 0
        self._changed = changed

    def raise_(self, name):
        """It is so: in force from now on."""
        if name not in self.active:
            self.active.add(name)
            self._add_up()

    def pass_(self, name):
        """It is no longer so."""
        if name in self.active and not FAULTS[name][2]:
            self.active.remove(name)
            self._add_up()

    def clear(self):
        """A person's word."""
        self.active = {name for name in self.active if not FAULTS[name][2]}
        self._add_up()

    def _add_up(self):
        stopped = {FAULTS[name][1] for name in self.active}
        self.heat = "heat" in stopped
        self.air = "air" in stopped
        self.motor = "motor" in stopped
        self.session = "session" in stopped
        self.all = "all" in stopped
        self.latched = any(FAULTS[name][2] for name in self.active)
        self.code = min((FAULTS[name][0] for name in self.active), default=0)
        self._changed()


class Lasting:
    """Whether something has been so for `ms`."""

    def __init__(self, ms):
        self._ms = ms
        self._since_ms = None

    def __call__(self, is_so):
        if not is_so:
            self._since_ms = None
            return False
        now_ms = ticks_ms()
        if self._since_ms is None:
            self._since_ms = now_ms
        return ticks_diff(now_ms, self._since_ms) >= self._ms
