"""Walks through a program: which phase, which level, how much time is left, what to ask for."""

from micropython import const

from massager.core import limits
from massager.core.session import programs
from massager.core.signals import (
    EVENT_BOOST_HEAT,
    EVENT_CYCLE_HEAT,
    EVENT_LEVEL_DOWN,
    EVENT_LEVEL_UP,
    EVENT_NEXT_PROGRAM,
)
from massager.core.units import clamp

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS
_MINUTE_MS = const(60_000)
HEAT_OFF = const(0)
HEAT_BOOST = len(limits.HEAT_LEVELS_MC) + 1


class Session:
    """Writes `targets` from the chosen program, the person's level and the time passed.

    `level` is 1…5, `heat_level` 0 (off), 1…3 or HEAT_BOOST, `program` an index into
    PROGRAMS. `tapering` and `over` tell the supervisor where the program stands.
    """

    def __init__(self, targets):
        self.program = 0
        self.level = programs.START_LEVEL
        self.heat_level = HEAT_OFF
        self.left_ms = 0
        self.tapering = False
        self.over = False
        self._targets = targets
        self._phases = ()
        self._phase = 0
        self._phase_left_ms = 0
        self._heat_left_ms = 0
        self._boost_left_ms = 0
        self._paused_ms = 0

    def start(self):
        """Begin the chosen program from its first phase, at the start level."""
        program = programs.PROGRAMS[self.program]
        self._phases = program[programs.PHASES]
        self.level = programs.START_LEVEL
        self.heat_level = program[programs.HEAT_LEVEL]
        self._heat_left_ms = limits.HEAT_DEFAULT_MS
        self._boost_left_ms = limits.HEAT_BOOST_MS
        minutes = 0
        for phase in self._phases:
            minutes += phase[programs.MINUTES]
        self.left_ms = min(minutes * _MINUTE_MS, limits.SESSION_MAX_MS)
        self._phase = 0
        self._phase_left_ms = self._phases[0][programs.MINUTES] * _MINUTE_MS
        self.tapering = False
        self.over = False

    def stop(self):
        """Nothing is wanted any more."""
        targets = self._targets
        targets.heat_on = False
        targets.air_on = False
        targets.motor_on = False
        self.left_ms = 0
        self.over = True

    def choose(self, events):
        """Event bits while nothing runs: *program* steps through the programs."""
        if events & EVENT_NEXT_PROGRAM:
            self.program = (self.program + 1) % len(programs.PROGRAMS)

    def adjust(self, events):
        """Event bits while the program runs: level and heat."""
        if events & EVENT_LEVEL_UP:
            self.level = clamp(self.level + 1, 1, programs.LEVELS)
        if events & EVENT_LEVEL_DOWN:
            self.level = clamp(self.level - 1, 1, programs.LEVELS)
        if events & EVENT_CYCLE_HEAT:
            self.heat_level = 0 if self.heat_level >= HEAT_BOOST - 1 else self.heat_level + 1
        if events & EVENT_BOOST_HEAT and self._boost_left_ms > 0:
            self.heat_level = HEAT_BOOST

    def wait(self):
        """100 ms of pause; a pause that nobody ends is over after PAUSE_MAX_MS."""
        self._paused_ms += _STEP_MS
        if self._paused_ms >= limits.PAUSE_MAX_MS:
            self.stop()

    def step(self):
        """100 ms of running time."""
        self._paused_ms = 0
        phase = self._phases[self._phase]
        self.left_ms -= _STEP_MS
        self._phase_left_ms -= _STEP_MS
        if self.left_ms <= 0:
            self.stop()
            return
        if self._phase_left_ms <= 0:
            self._phase += 1
            phase = self._phases[self._phase]
            self._phase_left_ms = phase[programs.MINUTES] * _MINUTE_MS
        self.tapering = phase[programs.FADES]
        targets = self._targets
        targets.air_on = phase[programs.AIR]
        targets.motor_on = phase[programs.MOTOR]
        index = clamp(self.level + phase[programs.LEVEL_CHANGE], 1, programs.LEVELS) - 1
        pressure_pa = limits.PRESSURE_LEVELS_PA[index]
        motor_rpm = limits.MOTOR_LEVELS_RPM[index]
        if self.tapering:
            length_s = phase[programs.MINUTES] * 60
            left_s = self._phase_left_ms // 1000
            least_pa = limits.PRESSURE_LEVELS_PA[0]
            least_rpm = limits.MOTOR_LEVELS_RPM[0]
            pressure_pa = least_pa + (pressure_pa - least_pa) * left_s // length_s
            motor_rpm = least_rpm + (motor_rpm - least_rpm) * left_s // length_s
        targets.pressure_set_pa = pressure_pa
        targets.motor_set_rpm = motor_rpm
        self._step_heat(targets)

    def _step_heat(self, targets):
        if self.heat_level == HEAT_OFF or self._heat_left_ms <= 0 or self.tapering:
            targets.heat_on = False
            return
        self._heat_left_ms -= _STEP_MS
        targets.heat_on = True
        if self.heat_level == HEAT_BOOST:
            self._boost_left_ms -= _STEP_MS
            targets.heat_set_mc = limits.HEAT_BOOST_MC
            if self._boost_left_ms <= 0:
                self.heat_level = 1
        else:
            targets.heat_set_mc = limits.HEAT_LEVELS_MC[self.heat_level - 1]
