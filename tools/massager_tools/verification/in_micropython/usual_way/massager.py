"""What all tasks share: state, outputs, readings; and what buttons and faults do to them."""
# MicroPython has no annotations
# mypy: ignore-errors

import asyncio
import sys

from usual_way import (
    air_guards,
    air_job,
    heat_guards,
    heat_job,
    motor_guards,
    motor_job,
    readings,
    session,
    showing,
    system_guards,
)
from usual_way.air_job import CHAMBERS
from usual_way.button import Button
from usual_way.clock import ticks_diff, ticks_ms
from usual_way.faults import FaultManager
from usual_way.showing import LIGHTS

STATES = ("off", "check", "run", "ending", "fault")
_FIRST_EDGE_MS = 10  # buttons.py reads every tick: power stops at the first edge …
_SETTLED_MS = 30  # … and the others count when they have settled
_LEASE_MS = 30
_GUARDS = (
    heat_guards.watch_thermistors,
    heat_guards.watch_heating,
    heat_guards.watch_switches,
    air_guards.watch_pressure,
    air_guards.watch_pumping,
    air_guards.watch_venting,
    air_guards.watch_chambers,
    motor_guards.watch_motor,
    system_guards.watch_loop,
    system_guards.watch_supply,
)
_JOBS = (heat_job.hold_heat, air_job.squeeze, motor_job.turn, showing.show, session.live)


class Massager:
    """`row` has the inputs as attributes, in microvolts, edges and bits; `stream` takes text.

    Without guards it reads what they would have read, and nothing stops it.
    """

    def __init__(self, row, stream, guarded=True):
        self.row = row
        self.state = "off"
        self.faults = FaultManager(self._obey_faults)
        # outputs
        self.heater_on = False
        self.heater = 0.0  # duties, 0…1
        self.motor = 0.0
        self.pump = 0.0
        self.valves = [False] * CHAMBERS
        self.open = 0  # how many of them are energised
        self.pixels = [(0, 0, 0)] * LIGHTS
        # what is wished
        self.wanted = asyncio.Event()  # a session
        self.level = 1
        self.left_s = 0.0
        self.heat_wanted = False
        self.heat_set_c = 41.0
        self.motor_set_rpm = 0.0
        self.ramp_rpm = 0.0
        # what is seen
        self.pad_a_c = self.pad_b_c = self.pad_c = 20.0
        self.pad_valid = False
        self.heat_cut = guarded
        self.dose_min = 0.0
        self.dose_spent = False
        self.mmhg = 0.0
        self.held_mmhg = 0.0
        self.rpm = 0.0
        self.motor_rests = False
        self.has_supply = True
        self.late_count = 0
        # what came of it
        self.lines = 0
        self.squeezes = 0
        self.buttons = ()
        self._stream = stream
        self._guarded = guarded
        self._stopped_by_press = False
        self._renewed_ms = 0
        self._fed = 0

    def start(self):
        """All tasks; one that breaks takes everything off."""
        asyncio.get_event_loop().set_exception_handler(self._broken)
        row = self.row
        self.buttons = (
            Button(row, 1, _FIRST_EDGE_MS, self._touch, self._let_go_of_power, self._hold_power),
            Button(row, 2, _SETTLED_MS, pressed=self._up),
            Button(row, 4, _SETTLED_MS, pressed=self._down),
            Button(row, 8, _SETTLED_MS, released=self._skip),
            Button(row, 16, _SETTLED_MS, released=self._toggle_heat),
        )
        self._tasks = []
        if self._guarded:
            self._tasks = [asyncio.create_task(watch(self)) for watch in _GUARDS]
        else:
            self._tasks = [asyncio.create_task(readings.read(self))]
        self._tasks += [asyncio.create_task(job(self)) for job in _JOBS]
        self._tasks.append(asyncio.create_task(showing.tell(self, self._stream)))

    def _broken(self, _loop, context):
        sys.print_exception(context["exception"])
        self.faults.raise_("program_error")

    # --- outputs ----------------------------------------------------------------------

    def heat_off(self):
        """Both switches open."""
        self.heater_on = False
        self.heater = 0.0

    def open_valve(self, chamber):
        """Put a chamber on the manifold."""
        if not self.valves[chamber]:
            self.valves[chamber] = True
            self.open += 1

    def let_go(self):
        """Pump off, every chamber open to the air."""
        self.pump = 0.0
        for chamber in range(CHAMBERS):
            self.valves[chamber] = False
        self.open = 0

    # --- state --------------------------------------------------------------------------

    def go(self, state):
        """Enter `state`, one of STATES; with something to clear "off" is "fault"."""
        if state == "off" and self.faults.latched:
            state = "fault"
        self.state = state
        if state == "off" or state == "fault":
            self.left_s = 0.0
            self.heat_off()
            self.let_go()
            if state == "fault":
                self.motor = 0.0

    def _obey_faults(self):
        faults = self.faults
        if faults.all or (faults.latched and self.state == "off"):
            self.go("fault")
        elif faults.session and self.state != "off" and self.state != "fault":
            self.go("off")
        if faults.heat:
            self.heat_off()
        if faults.air:
            self.let_go()
        if faults.motor:
            self.motor = 0.0

    def is_driving(self):
        """Whether anything but lights is energised."""
        return bool(self.heater_on or self.open or self.pump or self.motor)

    def renew(self, now_ms):
        """All is well at `now_ms`: the outputs' lease is renewed, the watchdog fed."""
        self._renewed_ms = now_ms
        self._fed += 1

    def check_lease(self):
        """For a hardware timer: everything off when the loop has not renewed its lease."""
        if ticks_diff(ticks_ms(), self._renewed_ms) > _LEASE_MS:
            self.heat_off()
            self.let_go()
            self.motor = 0.0

    def read_supply(self):
        """Volts."""
        return self.row.supply_uv / 128_000

    # --- buttons ------------------------------------------------------------------------

    def _touch(self):
        self._stopped_by_press = self.state in ("check", "run", "ending")
        if self._stopped_by_press:
            self.go("off")

    def _let_go_of_power(self, held_ms):
        if self.state == "off" and not self._stopped_by_press and 300 <= held_ms < 2_000:
            self.wanted.set()

    def _hold_power(self, held_ms):
        if self.state == "fault" and held_ms >= 3_000:
            self._stopped_by_press = True
            self.faults.clear()
            self.go("off")

    def _up(self):
        self.level = min(5, self.level + 1)

    def _down(self):
        self.level = max(1, self.level - 1)

    def _skip(self, _held_ms):
        if self.state == "run":
            self.left_s = min(self.left_s, session.ENDING_S)

    def _toggle_heat(self, _held_ms):
        self.heat_wanted = not self.heat_wanted
