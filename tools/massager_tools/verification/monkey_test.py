"""Random presses at any time, and what must hold all the while.

The real panel, session, supervisor, gate, faults and lights of the controller run; sensors,
guards and regulators are replaced by the least that keeps it going, because this test is not
about them. Around presses and stops every tick is run. In between, where no contact
moves, a second is the session's ten slow steps and two whole ticks: that is what makes
thousands of hours possible, and why they say nothing about regulators.
"""

import random
from collections import Counter
from typing import Any

from massager_tools.errors import Failure
from massager_tools.firmware_tables import core

TICK_MS = 10
_STEP_MS = 100
_SECOND_MS = 1_000
_SETTLE_MS = 1_500  # after a press: every tick
_HELD_MS = 500  # a start, were it not for the reset
_DULL_MS = 12_000  # off for longer than this, nothing comes any more
_WRAP_MS = 1 << 30
_STOP_MS = 1_000
_SEEN_MS = 20  # a contact is one from its second sample on
_CLEAR_MS = 3_500
_BUTTONS = 31

BOARD = {
    "wiring_id": 1,
    "roles": {name: {} for name in ("chamber_1", "chamber_2", "chamber_3", "pixels")},
    "ntc_table": bytes(808),
    "pressure_sensor": {"zero_mv": 250, "uv_per_kpa": 100_000},
    "supply_divider": {"permille": 130},
    "tach_pulses_per_turn": 1,
    "motor": {"rpm_at_12v": 3_000},
}


class Broken(Failure):
    """Something that must hold did not; the message says what, when and after which presses."""


class _Idle:
    """A part that does nothing, whatever it is asked."""

    conditions = 0

    def __getattr__(self, name: str) -> Any:
        return self._nothing

    def _nothing(self, *_: Any, **__: Any) -> None:
        return None


class _Guards:
    """The supply is the only thing that can be wrong here."""

    def __init__(self) -> None:
        self.faults = core("safety.fault_manager").FaultManager()
        self.stops = 0
        self.heat_max_permille = 1_000
        self.late_ticks = 0
        self.supply_low = False

    def step(self, now_ms: int, *_: Any) -> None:
        low = core("safety.fault_table").SUPPLY_LOW if self.supply_low else 0
        self.faults.system.update(now_ms, low)
        self.faults.add_up()


class _Heat(_Idle):
    def __init__(self) -> None:
        self.enable = False
        self.permille = 0

    def off(self) -> None:
        self.enable = False
        self.permille = 0

    def step(self, *_: Any) -> None:
        self.enable = True
        self.permille = 500


class _Motor(_Idle):
    def __init__(self) -> None:
        self.permille = 0

    def off(self) -> None:
        self.permille = 0

    stop = off

    def step(self, *_: Any) -> None:
        self.permille = 900


class _Air(_Idle):
    """Squeeze for 10 s, rest for 10 s; a stop is vented after 2 s."""

    def __init__(self, rest: int, vent: int) -> None:
        self._rest, self._vent = rest, vent
        self.diagnosis = _Idle()
        self.cycles = 0
        self._since_ms = 0
        self.off()

    def off(self) -> None:
        self.phase = self._rest
        self.pump_permille = self.chambers = 0
        self.exhaust = False

    def stop(self) -> None:
        busy = self.phase != self._rest
        self.off()
        if busy:
            self.phase = self._vent

    def halt(self, now_ms: int, *_: Any) -> None:
        self.step(now_ms)

    def step(self, now_ms: int, *_: Any) -> None:
        elapsed_ms = (now_ms - self._since_ms) % _WRAP_MS
        if self.phase == self._vent:
            if elapsed_ms > 2_000:
                self.phase = self._rest
                self._since_ms = now_ms
        elif elapsed_ms > 10_000:
            self._since_ms = now_ms
            self.cycles += 1
            self.phase = self._rest if self.phase else 1
            self.pump_permille = 1_000 if self.phase else 0
            self.chambers = 7 if self.phase else 0


class MonkeyRun:
    """A device, the presses on it, and the checks of what must hold.

    `hours` counts virtual time in which a session ran or was paused; `seen` how often each
    state was entered. Raises Broken.
    """

    def __init__(self, start_ms: int = 1_000) -> None:
        self._supervisor = core("safety.supervisor")
        self._limits = core("limits")
        self._signals = core("signals")
        self._schedule = core("schedule")
        s = self._supervisor
        self._still = (s.OFF, s.PAUSE, s.FAULT)  # nothing is energised here, nothing at all
        self._states = self._supervisor.STATE_NAMES
        self.settings = self._signals.Settings()
        self.settings.proven_wiring = BOARD["wiring_id"]
        self.now_ms = start_ms
        self.seen: Counter[str] = Counter()
        self.presses = 0
        self.busy_ms = 0
        self.story: list[str] = []
        self.power_up()

    @property
    def hours(self) -> float:
        """Return the virtual hours under way or paused."""
        return self.busy_ms / 3_600_000

    @property
    def state(self) -> int:
        """Return the state of the device."""
        return int(self.controller.state)

    def power_up(self, held: int = 0) -> None:
        """Start the chip, with the buttons `held` down; only the settings outlive it."""
        self.inputs = self._signals.Inputs()
        self.outputs = self._signals.Outputs()
        measured = self._signals.Measurements()
        measured.pad_temp_mc = 40_000
        measured.supply_mv = 12_000
        setpoints = self._signals.Setpoints()
        sequencer = core("air.sequencer")
        regulators = core("regulators").Regulators(
            BOARD,
            self.settings,
            measured,
            setpoints,
            heat=_Heat(),
            air=_Air(sequencer.REST, sequencer.VENT),
            motor=_Motor(),
        )
        self.guards = _Guards()
        self.controller = core("controller").Controller(
            BOARD, self.settings, measured, setpoints, _Idle(), self.guards, regulators
        )
        self._may_start = False
        self._stop_left_ms: int | None = None
        self._ran_ms = 0
        self._was = self.state
        self.inputs.buttons = held
        self._run(_HELD_MS if held else TICK_MS)
        self._close(0, _HELD_MS)

    def trip(self) -> None:
        """Raise a fault that stops everything and latches; its cause is gone at once."""
        found = self.controller.faults
        found.heat.latch(core("safety.fault_table").PAD_OVER_TEMP_TRIP)
        self.story.append("trip")

    # --- time ---------------------------------------------------------------------------

    def wait(self, ms: int) -> None:
        """Let `ms` pass: tick by tick while something settles, then in slow steps."""
        self.story.append(f"wait {ms} ms in {self._states[self.state]}")
        settle_ms = min(ms, _SETTLE_MS)
        self._run(settle_ms)
        left_ms = ms - settle_ms
        s = self._supervisor
        while left_ms > 0:
            if self.state == s.STOPPING or self.inputs.buttons:
                self._run(_STEP_MS)
                left_ms -= _STEP_MS
            elif self.state in (s.OFF, s.FAULT) and left_ms > _DULL_MS:
                # nothing can come of it, and it does not count as an hour under way
                self.now_ms = (self.now_ms + left_ms - _DULL_MS) % _WRAP_MS
                left_ms = _DULL_MS
            else:
                left_ms -= self._quiet_second()

    def _quiet_second(self) -> int:
        """Pass a second in which nobody touches anything: ten slow steps, two of the ten ticks."""
        controller = self.controller
        user_interface = controller.user_interface
        state, measured = self.state, controller.measured
        for _ in range(9):
            user_interface.step_session(state)
            user_interface.update_setpoints(state)
            user_interface.step_record(state, measured, controller.regulators.air.cycles)
        controller.tick = self._schedule.SESSION
        self.now_ms = (self.now_ms + _SECOND_MS - TICK_MS) % _WRAP_MS
        self._step(_SECOND_MS - TICK_MS)
        user_interface.update_setpoints(self.state)
        user_interface.step_record(self.state, measured, controller.regulators.air.cycles)
        controller.tick = self._schedule.DECIDE
        self._run(TICK_MS)
        return _SECOND_MS

    def press(self, buttons: int, ms: int, bounce: tuple[int, ...] = ()) -> None:
        """Hold `buttons` for `ms`, both ends bouncing: one tick an item, 1 is closed."""
        self.presses += 1
        first = (*bounce, 1).index(1)
        self._close(0, first * TICK_MS)
        bounce = bounce[first:]
        # a press belongs to the state of its first contact, which may come a tick later
        began = self.state
        self.story.append(f"press {buttons} for {ms} ms in {self._states[began]}")
        locked = self.controller.user_interface.panel.locked
        for closed in bounce:
            self._close(buttons if closed else 0)
        self._close(buttons, ms)
        self._may_start = self._is_start(began, locked, buttons, ms + len(bounce) * TICK_MS)
        for closed in bounce:
            self._close(0 if closed else buttons)
        self._close(0, 100)
        self._may_start = False

    def _is_start(self, began: int, locked: bool, buttons: int, ms: int) -> bool:
        """Return whether this press is one that may start, judged by its raw form alone."""
        s = self._supervisor
        slack_ms = 100
        if locked:
            return False
        if buttons == self._signals.BUTTON_POWER and began in (s.OFF, s.PAUSE):
            low, high = self._limits.START_PRESS_MIN_MS, self._limits.START_PRESS_MAX_MS
            return bool(low - slack_ms <= ms <= high + slack_ms)
        if buttons == self._signals.BUTTON_PROGRAM and began == s.OFF:
            return 900 <= ms <= 3_100
        return False

    def _close(self, buttons: int, ms: int = TICK_MS) -> None:
        fresh = buttons & ~self.inputs.buttons
        self.inputs.buttons = buttons
        s = self._supervisor
        if fresh & self._signals.BUTTON_POWER and self.state in (s.CHECK, s.RUN, s.ENDING):
            self._stop_left_ms = _STOP_MS
            self._run(min(ms, _SEEN_MS))
            out = self.outputs
            if ms < _SEEN_MS:
                return
            if out.heater_enable or out.pump_permille or self.state != s.STOPPING:
                self._complain("power did not stop heat and pump within two samples")
            ms -= _SEEN_MS
        self._run(ms)

    def _run(self, ms: int) -> None:
        for _ in range(ms // TICK_MS):
            self.now_ms = (self.now_ms + TICK_MS) % _WRAP_MS
            self._step(TICK_MS)

    def _step(self, ms: int) -> None:
        self.controller.step(self.now_ms, self.inputs, self.outputs)
        self._watch(ms)

    # --- what must hold -----------------------------------------------------------------

    def _watch(self, ms: int) -> None:
        s = self._supervisor
        out = self.outputs
        state = self.state
        energy = out.pump_permille or out.heater_enable or out.heater_permille
        moving = out.motor_permille
        if state in self._still and (energy or moving or out.chambers or out.exhaust):
            self._complain("energy in a state that has none")
        if energy and state not in (s.RUN, s.ENDING):
            self._complain("heat or pump outside a session")
        if self._stop_left_ms is not None:
            if self._stop_left_ms <= 0:
                if energy or moving:
                    self._complain("a second after power something still ran")
                self._stop_left_ms = None
            else:
                self._stop_left_ms -= ms
        if state != self._was:
            self._watch_move(state)
        if state in (s.CHECK, s.RUN, s.ENDING, s.PAUSE):
            self.busy_ms += ms
        if state in (s.RUN, s.ENDING):
            self._ran_ms += ms
            if self._ran_ms > self._limits.SESSION_MAX_MS + 2_000:
                self._complain("a session of more than an hour")
            self._watch_wishes()

    def _watch_move(self, state: int) -> None:
        s = self._supervisor
        self.seen[self._states[state]] += 1
        if state == s.CHECK:
            if not self._may_start:
                self._complain("a start without a start press")
            if self._was == s.OFF:
                self._ran_ms = 0
        if state == s.RUN and self._was != s.CHECK:
            self._complain("a session without a self-test")
        if state in (s.OFF, s.STOPPING, s.FAULT):
            setpoints = self.controller.setpoints
            if setpoints.heat_on or setpoints.air_on or setpoints.motor_on:
                self._complain("something is still asked for")
        self._was = state

    def _watch_wishes(self) -> None:
        limits = self._limits
        setpoints = self.controller.setpoints
        session = self.controller.session
        if not 1 <= session.intensity.value <= 5:
            self._complain(f"level {session.intensity.value}")
        if setpoints.heat_on and not (
            limits.HEAT_SET_MIN_MC <= setpoints.heat_set_mc <= limits.HEAT_BOOST_MC
        ):
            self._complain(f"heat set to {setpoints.heat_set_mc} mC")
        if setpoints.air_on and not (
            limits.PRESSURE_SET_MIN_PA <= setpoints.pressure_set_pa <= limits.PRESSURE_SET_MAX_PA
        ):
            self._complain(f"pressure set to {setpoints.pressure_set_pa} Pa")
        if setpoints.motor_on and not (
            limits.MOTOR_MIN_RPM <= setpoints.motor_set_rpm <= limits.MOTOR_MAX_RPM
        ):
            self._complain(f"speed set to {setpoints.motor_set_rpm} rpm")

    def _complain(self, what: str) -> None:
        state = self._states[self.state]
        raise Broken(f"{what}, in {state}; before: {'; '.join(self.story[-8:])}")


def act_at_random(run: MonkeyRun, dice: random.Random) -> None:
    """Do one thing that a person, a pillow or the mains may do."""
    kind = dice.random()
    if kind < 0.80:
        buttons = 1 << dice.randrange(5)
        if dice.random() < 0.15:
            buttons |= dice.randrange(_BUTTONS + 1)
        ms = dice.choice((20, 60, 150, 290, 310, 500, 900, 1_500, 1_990, 2_100, 3_500, 9_000))
        bounce = tuple(dice.randrange(2) for _ in range(dice.choice((0, 0, 2))))
        run.press(buttons, ms, bounce)
        run.wait(_any_wait(dice))
    elif kind < 0.90:
        run.press(run._signals.BUTTON_POWER, 500)
        run.wait(_any_wait(dice))
    elif kind < 0.94:
        run.guards.supply_low = True
        run.wait(dice.choice((200, 1_000, 400_000)))
        run.guards.supply_low = False
    elif kind < 0.97:
        run.trip()
        run.wait(20_000)
        if dice.random() < 0.8:
            run.press(run._signals.BUTTON_POWER, _CLEAR_MS)
            run.wait(500)
            run.press(run._signals.BUTTON_POWER, 500)
    elif kind < 0.985:
        run.press(run._signals.BUTTON_UP | run._signals.BUTTON_DOWN, 2_500)
    else:
        run.story.append("power off and on")
        run.power_up(dice.choice((0, run._signals.BUTTON_POWER)))


def _any_wait(dice: random.Random) -> int:
    """Return a random wait: moments mostly, whole programs at times; short at rest."""
    return dice.choice((100, 500, 2_000, 20_000, 120_000, 600_000, 1_800_000, 3_700_000))
