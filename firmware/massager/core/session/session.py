"""Run a program: select the phase and its level, count the time, write the setpoints."""

from micropython import const

from massager.core import limits, schedule, signals
from massager.core.session import program_format, programs, setpoints
from massager.core.session.intensity import HEAT_BOOST, HeatTimer, Intensity
from massager.core.signals import Setpoints, Settings
from massager.core.units import clamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_STEP_MS = schedule.SLOW_MS
_SECOND_MS = const(1_000)
_MINUTE_MS = const(60_000)


class Session:
    """Write `setpoints` from the chosen program, the person's level and the time passed.

    `program` is an index into `programs`, `intensity.value` the level, `heat.level` that of
    the heat. `tapering` and `over` show the supervisor where the program stands, `completed`
    that its time was up, `skipped` that a person chose the taper before, `is_attended` that a
    button was pressed since the session began.
    """

    def __init__(
        self,
        setpoints: Setpoints,
        settings: Settings,
        own_programs: "tuple[tuple[Any, ...], ...]" = (),
    ) -> None:
        self.programs = (programs.PROGRAMS + tuple(own_programs))[: signals.PROGRAMS_MAX]
        self.program = 0
        self.intensity = Intensity(settings)
        self.heat = HeatTimer()
        self.left_ms = 0
        self.tapering = False
        self.over = False
        self.completed = False
        self.skipped = False
        self.is_attended = False
        self.stretch_ms = 0  # how long the light still reminds of stretching
        self._setpoints = setpoints
        self._settings = settings
        self._phases: tuple[tuple[Any, ...], ...] = ()
        self._phase = 0
        self._phase_left_ms = 0
        self._paused_ms = 0
        self._asked_level = 0  # what `setpoints` were last written for
        self._choose_usual()

    def start(self) -> None:
        """Begin the chosen program from its first phase, at the lowest level."""
        program = self.programs[self.program]
        self._phases = program[program_format.PHASES]
        heat_level = program[program_format.HEAT]
        if heat_level == program_format.HEAT_AS_LAST:
            heat_level = self._settings.heat_level
        self.heat.start(clamp(heat_level, 0, HEAT_BOOST - 1))
        self.intensity.start(self.program, program)
        self.left_ms = program_format.minutes(program) * _MINUTE_MS
        self.over = False
        self.completed = False
        self.skipped = False
        self.is_attended = False
        self.stretch_ms = 0
        self._paused_ms = 0
        self._enter(0)

    def resume(self) -> None:
        """Go on after a pause, from the lowest level again."""
        self.intensity.restart()
        self._paused_ms = 0

    def stop(self) -> None:
        """Clear all setpoints."""
        setpoints = self._setpoints
        setpoints.heat_on = False
        setpoints.air_on = False
        setpoints.motor_on = False
        self.left_ms = 0
        self.over = True
        self.intensity.stay()
        self._choose_usual()

    def choose(self, events: int) -> None:
        """Handle event bits while nothing runs: choose the program that the next start begins."""
        self.stretch_ms = 0
        if events & signals.EVENT_NEXT_PROGRAM:
            self.program = (self.program + 1) % len(self.programs)
            self._settings.program = self.program
        if events & signals.EVENT_RELIEF:
            self.program = programs.RELIEF

    def adjust(self, events: int) -> None:
        """Handle events while the program runs: level, heat, on to the taper.

        The first of them also shows that somebody is there. Heat waits for it, so that a start
        by a pillow or a sleeping hand warms nobody.
        """
        intensity = self.intensity
        heat_waited = self.heat.level > 0 and not self.is_attended
        if events & ~signals.EVENT_POWER_EDGE:
            self.is_attended = True
        if events & signals.EVENT_FREEZE:
            intensity.choose(intensity.value)
        if events & signals.EVENT_LEVEL_UP:
            intensity.choose(intensity.value + 1)
        if events & signals.EVENT_LEVEL_DOWN:
            intensity.choose(intensity.value - 1)
        if events & signals.EVENT_CYCLE_HEAT and not heat_waited:
            self.heat.cycle()
            self._settings.heat_level = self.heat.level
        if events & signals.EVENT_BOOST_HEAT:
            self.heat.boost()
        if events & signals.EVENT_SKIP:
            self.skipped = True

    def wait(self) -> None:
        """Count 100 ms of pause; a pause that nobody ends is over after PAUSE_MAX_MS."""
        self._paused_ms += _STEP_MS
        if self._paused_ms >= limits.PAUSE_MAX_MS:
            self.stop()

    def rest(self) -> None:
        """Count 100 ms while nothing runs."""
        if self.stretch_ms > 0:
            self.stretch_ms -= _STEP_MS

    def update_setpoints(self) -> None:
        """Ask for pressure and speed: each second, and when the level has changed."""
        level = self.intensity.value
        if (level != self._asked_level or self.left_ms % _SECOND_MS == 0) and not self.over:
            self._asked_level = level
            setpoints.ask(self._setpoints, self._phases[self._phase], level, self.left_ms)

    def step(self) -> None:
        """Count 100 ms of running time; `update_setpoints` follows."""
        self.left_ms -= _STEP_MS
        self._phase_left_ms -= _STEP_MS
        if self.left_ms <= 0:
            self.completed = True
            if self.programs[self.program][program_format.STRETCH]:
                self.stretch_ms = limits.STRETCH_MS
            self.stop()
            return
        last = len(self._phases) - 1
        if self._phase < last and (self.skipped or self._phase_left_ms <= 0):
            self._enter(last if self.skipped else self._phase + 1)
        if self.tapering:
            self.intensity.stay()
            self._setpoints.heat_on = False
        else:
            self.intensity.step()
            self.heat.step(self._setpoints, self.is_attended)

    def _enter(self, index: int) -> None:
        phase = self._phases[index]
        self._phase = index
        self.tapering = phase[program_format.FADES]
        self._phase_left_ms = (
            clamp(phase[program_format.MINUTES], 0, program_format.MINUTES_MAX) * _MINUTE_MS
        )
        if self.skipped:
            self.left_ms = min(self.left_ms, self._phase_left_ms)
        setpoints.begin(self._setpoints, phase)
        self._asked_level = 0
        self.update_setpoints()

    def _choose_usual(self) -> None:
        usual = self._settings.program
        self.program = usual if 0 <= usual < len(self.programs) else 0
