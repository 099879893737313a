"""Settings of a running session: the level, and how long the pad stays warm."""

from micropython import const

from massager.core import limits, schedule
from massager.core.session import program_format
from massager.core.signals import Setpoints, Settings
from massager.core.units import clamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HEAT_OFF = const(0)
HEAT_BOOST = const(4)  # above those of limits.HEAT_LEVELS_MC

_STEP_MS = schedule.SLOW_MS


class Intensity:
    """The level: rise from the lowest, step by step, to where the person was comfortable.

    `value` is 1…5; `ramping` while it is on its way up to the remembered one.
    """

    def __init__(self, settings: Settings) -> None:
        self.value = program_format.START_LEVEL
        self.ramping = False
        self._settings = settings
        self._program = 0
        self._before = 0  # the remembered level of this program as the session began …
        self._last_before = 0  # … and of any program
        self._felt_ms = 0  # at this level
        self._goal = program_format.START_LEVEL
        self._ramp_ms = 0
        self._left_ms = 0

    def start(self, index: int, program: "tuple[Any, ...]") -> None:
        """Begin a session of `program`, number `index`."""
        settings = self._settings
        self._program = index
        goal = settings.comfort_levels[index] or program[program_format.LEVEL]
        if program[program_format.LEVEL] == program_format.LEVEL_AS_LAST:
            goal = settings.last_level
        self._goal = clamp(goal, program_format.START_LEVEL, program_format.LEVELS)
        self._before = self._goal
        self._last_before = settings.last_level or self._goal
        self._ramp_ms = clamp(
            program[program_format.RAMP_MS], limits.LEVEL_RAMP_MIN_MS, limits.LEVEL_RAMP_MAX_MS
        )
        self.restart()

    def restart(self) -> None:
        """Begin at the lowest level again."""
        self.value = program_format.START_LEVEL
        self._felt_ms = 0
        self._left_ms = self._ramp_ms
        self.ramping = self.value < self._goal

    def stay(self) -> None:
        """Stay at this level, whatever was remembered."""
        self.ramping = False

    def choose(self, level: int) -> None:
        """Take `level`, which the person has chosen, and remember it for the next session.

        A level above the remembered one is remembered after LEVEL_FELT_MS only, and never more
        than one above it: neither a knee on the button nor a moment's mood returns at night.
        """
        self.value = clamp(level, 1, program_format.LEVELS)
        self.ramping = False
        self._goal = self.value
        self._felt_ms = 0
        if self.value <= self._before:
            self._remember()

    def _remember(self) -> None:
        settings = self._settings
        settings.comfort_levels[self._program] = min(self.value, self._before + 1)
        settings.last_level = min(self.value, self._last_before + 1)

    def step(self) -> None:
        """Step by 100 ms: count how long this level is felt, and rise towards the goal."""
        if not self.ramping:
            self._felt_ms += _STEP_MS
            if self._felt_ms == limits.LEVEL_FELT_MS and self.value >= self._goal:
                self._remember()
            return
        self._left_ms -= _STEP_MS
        if self._left_ms <= 0:
            self._left_ms = self._ramp_ms
            self.value += 1
            self.ramping = self.value < self._goal


class HeatTimer:
    """Count a session's heat; `level` 0 off, 1…3, or HEAT_BOOST.

    Heat ends by itself after HEAT_DEFAULT_MS. A person who asks again gets more, up to
    HEAT_MAX_MS a session. The boost falls back to the lowest level when its time is up.
    """

    def __init__(self) -> None:
        self.level = HEAT_OFF
        self._left_ms = 0
        self._more_ms = 0
        self._boost_left_ms = 0

    def start(self, level: int) -> None:
        """Begin a session, at heat level `level`."""
        self.level = level
        self._left_ms = limits.HEAT_DEFAULT_MS
        self._more_ms = limits.HEAT_MAX_MS - limits.HEAT_DEFAULT_MS
        self._boost_left_ms = limits.HEAT_BOOST_MS

    def cycle(self) -> None:
        """Step to the next level: off, 41, 42, 43 °C, off."""
        self._ask(HEAT_OFF if self.level >= HEAT_BOOST - 1 else self.level + 1)

    def boost(self) -> None:
        """Request 44.5 °C for what is left of the boost's time."""
        if self._boost_left_ms > 0:
            self._ask(HEAT_BOOST)

    def _ask(self, level: int) -> None:
        self.level = level
        if level and self._left_ms <= 0:
            self._left_ms = self._more_ms
            self._more_ms = 0
            if self._left_ms <= 0:
                self.level = HEAT_OFF

    def step(self, setpoints: Setpoints, is_attended: bool) -> None:
        """Write the heat part of `setpoints` for the next 100 ms; none without attendance."""
        if self._left_ms <= 0:
            self.level = HEAT_OFF
        setpoints.heat_on = is_attended and self.level != HEAT_OFF
        if not setpoints.heat_on:
            return
        self._left_ms -= _STEP_MS
        if self.level < HEAT_BOOST:
            setpoints.heat_set_mc = limits.HEAT_LEVELS_MC[self.level - 1]
            return
        setpoints.heat_set_mc = limits.HEAT_BOOST_MC
        self._boost_left_ms -= _STEP_MS
        if self._boost_left_ms <= 0:
            self.level = 1
