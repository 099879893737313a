"""How strong it is: from the lowest, step by step, to where the person was comfortable."""

from massager.core import limits
from massager.core.session import form
from massager.core.units import clamp

_STEP_MS = limits.TICK_MS * limits.SLOW_TICKS


class Level:
    """`value` is 1…5; `ramping` while it is on its way up to the remembered one."""

    def __init__(self, settings):
        self.value = form.START_LEVEL
        self.ramping = False
        self._settings = settings
        self._program = 0
        self._goal = form.START_LEVEL
        self._ramp_ms = 0
        self._left_ms = 0

    def start(self, index, program):
        """A session of `program`, number `index`, begins."""
        settings = self._settings
        self._program = index
        goal = settings.comfort_levels[index] or program[form.LEVEL]
        if program[form.LEVEL] == form.LEVEL_AS_LAST:
            goal = settings.last_level
        self._goal = clamp(goal, form.START_LEVEL, form.LEVELS)
        self._ramp_ms = program[form.RAMP_MS]
        self.restart()

    def restart(self):
        """From the lowest again."""
        self.value = form.START_LEVEL
        self._left_ms = self._ramp_ms
        self.ramping = self.value < self._goal

    def stay(self):
        """No more rising, whatever was remembered."""
        self.ramping = False

    def choose(self, level):
        """The person says that `level` is right: kept for the next time."""
        self.value = clamp(level, 1, form.LEVELS)
        self.ramping = False
        self._goal = self.value
        self._settings.comfort_levels[self._program] = self.value
        self._settings.last_level = self.value

    def step(self):
        """100 ms of running."""
        if not self.ramping:
            return
        self._left_ms -= _STEP_MS
        if self._left_ms <= 0:
            self._left_ms = self._ramp_ms
            self.value += 1
            self.ramping = self.value < self._goal
            self._settings.last_level = self.value
