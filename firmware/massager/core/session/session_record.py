"""Record of a session: minutes, cycles, peaks, how it ended, and how the person felt."""

from array import array

from micropython import const

from massager.core import limits
from massager.core.signals import EVENT_FEELING_DOWN, EVENT_FEELING_UP, Measurements, Setpoints
from massager.core.units import clamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from massager.core.session.session import Session

# How a session ended
COMPLETED = const(1)
SKIPPED = const(2)  # a person chose the taper before its time
STOPPED = const(3)  # power
FAILED = const(4)  # a fault
INTERRUPTED = const(5)  # by a passing fault, and nobody resumed

# Fields of a record; times in tenths of a second until the session has ended
NUMBER = const(0)  # counts sessions; the journal gives it
PROGRAM = const(1)
REASON = const(2)
LEVEL = const(3)
HEAT_LEVEL = const(4)
BEFORE = const(5)  # feeling 0…10, NO_ANSWER
AFTER = const(6)
TOTAL_S = const(7)
PRESSURE_S = const(8)  # within a tenth of the set pressure
WARM_S = const(9)  # within 1 °C of the set temperature
CYCLES = const(10)
PEAK_PAD_CC = const(11)  # hundredths of a degree
PEAK_PRESSURE_PA = const(12)
PEAK_RPM = const(13)
FAULT_CODE = const(14)
FIELDS = (
    "number",
    "program",
    "reason",
    "level",
    "heat_level",
    "before",
    "after",
    "total_s",
    "pressure_s",
    "warm_s",
    "cycles",
    "peak_pad_cc",
    "peak_pressure_pa",
    "peak_rpm",
    "fault_code",
)

NO_ANSWER = const(255)
_WARM_MC = const(1_000)
_MOST_PA = const(65_535)  # what a record has room for; all else stays below that by itself
_STEPS_A_SECOND = const(10)
_ASK_AFTER_STEPS = const(18_000)  # up and down say how it was for 30 min …
_BEFORE_STEPS = const(18_000)  # … and how it is, for a start within 30 min
_SETTLED_STEPS = const(50)  # an answer counts when nobody has changed it for 5 s


class SessionRecord:
    """Fill `record`; `revision` counts how often it was completed or changed afterwards.

    `asking` is the feeling that the lights show while it is being entered, or NO_ANSWER.
    """

    def __init__(self) -> None:
        self.record = array("i", [0] * len(FIELDS))
        self.revision = 0
        self.asking = NO_ANSWER
        self._before = NO_ANSWER
        self._before_left = 0
        self._after_left = 0
        self._settle_left = 0
        self._cycles = 0

    def start(self) -> None:
        """Begin the record of a session."""
        record = self.record
        for index in range(len(record)):
            record[index] = 0
        record[BEFORE] = self._before if self._before_left > 0 else NO_ANSWER
        record[AFTER] = NO_ANSWER
        self._before = self.asking = NO_ANSWER
        self._after_left = 0
        self._settle_left = 0

    def step(
        self, session: "Session", setpoints: Setpoints, measured: Measurements, cycles: int
    ) -> None:
        """Count 100 ms of running; `cycles` is where the count of the air stands."""
        record = self.record
        if record[TOTAL_S] == 0:
            self._cycles = cycles
            record[PROGRAM] = session.program
        record[TOTAL_S] += 1
        record[CYCLES] = cycles - self._cycles
        record[LEVEL] = session.intensity.value
        value = min(measured.pressure_pa, _MOST_PA)
        if setpoints.air_on and value * 10 >= setpoints.pressure_set_pa * 9:
            record[PRESSURE_S] += 1
        if value > record[PEAK_PRESSURE_PA]:
            record[PEAK_PRESSURE_PA] = value
        value = measured.pad_temp_mc
        if setpoints.heat_on:
            record[HEAT_LEVEL] = session.heat.level
            if abs(value - setpoints.heat_set_mc) <= _WARM_MC:
                record[WARM_S] += 1
        if value > record[PEAK_PAD_CC] * 10:
            record[PEAK_PAD_CC] = value // 10
        if measured.motor_rpm > record[PEAK_RPM]:
            record[PEAK_RPM] = measured.motor_rpm

    def stop(self, reason: int, fault_code: int) -> None:
        """Complete the record; a session that never ran leaves none."""
        record = self.record
        if record[REASON] or not record[TOTAL_S]:
            return
        record[REASON] = reason
        record[FAULT_CODE] = fault_code
        for field in (TOTAL_S, PRESSURE_S, WARM_S):
            record[field] //= _STEPS_A_SECOND
        self._after_left = _ASK_AFTER_STEPS
        self.revision += 1

    def answer(self, events: int) -> None:
        """Handle event bits while nothing runs: how the person feels, 0…10."""
        if not events & (EVENT_FEELING_UP | EVENT_FEELING_DOWN):
            return
        feeling = self.record[AFTER] if self._after_left > 0 else self._before
        if feeling == NO_ANSWER:
            feeling = 0
        if events & EVENT_FEELING_UP:
            feeling += 1
        if events & EVENT_FEELING_DOWN:
            feeling -= 1
        self.asking = clamp(feeling, 0, limits.FEELING_MAX)
        self._settle_left = _SETTLED_STEPS
        if self._after_left > 0:
            self.record[AFTER] = self.asking
        else:
            self._before = self.asking
            self._before_left = _BEFORE_STEPS

    def rest(self) -> None:
        """Count 100 ms while nothing runs."""
        if self._settle_left > 0:
            self._settle_left -= 1
            if self._settle_left == 0:
                self.asking = NO_ANSWER
                if self._after_left > 0:
                    self.revision += 1
        elif self._after_left > 0:
            self._after_left -= 1
        if self._before_left > 0:
            self._before_left -= 1
