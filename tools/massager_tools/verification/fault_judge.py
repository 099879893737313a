"""Judge one run against the plant: what is true of pad, air and motor, not what is requested.

A row comes every tenth of a second, with the peaks in between. What the firmware says is
only looked at to learn what it claims to have stopped; that has then to be so.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache

from massager_tools.firmware_tables import core, fault_names
from massager_tools.sim.host import Row
from massager_tools.sim.model.buttons import NAMES as BUTTONS
from massager_tools.sim.model.faults import FAULTS
from massager_tools.units import PA_PER_MMHG
from massager_tools.verification.fault_catalogue import (
    CATALOGUE,
    DOWN,
    MEMORY,
    OUT_OF_SCOPE,
    expected_codes,
    family,
)

PAD_MOST_MC = 48_000
"""On the skin's side of the pad, true."""
CHAMBER_MOST_PA = 8_000
"""60 mmHg, where the relief valve begins to open: the trip's 55, read 5 % low, and the tenth
of a second that it waits for."""
REST_MS = 10_000
"""All is at rest this long after a stop of everything, a reset, a hang, Ctrl-C."""
REST_RPM = 60
FELL = len(core("safety.supervisor").STATE_NAMES)
"""In place of a state: the program has ended itself, every output off, and printed why."""
QUIET_MS = 15_000
"""At rest this long after a stop: nothing more will come of it."""
_ROW_MS = 100
_POWER_MS = {"heat": 1_000, "pump": 1_000, "motor": 1_500}
"""What a code stops is without power so soon: the motor ramps for 0.9 s; telemetry is late."""
_POWER = {"heat": "heater_mw", "pump": "pump_mw", "motor": "motor_mw"}
_START_MS = 3_000  # a press of power takes so long at most to start the self-test

USES: dict[str, Callable[[Row, Row, int], bool]] = {
    "power": lambda row, last, index: row["supply_mv"] > 0,
    "heat": lambda row, last, index: row["heater_duty_permille"] > 0,
    "heater off": lambda row, last, index: not row["heater_enable"],
    "heater on again": lambda row, last, index: (
        row["heater_enable"] > last.get("heater_enable", 1)
    ),
    "pump": lambda row, last, index: row["pump_duty_permille"] > 0,
    "valve": lambda row, last, index: bool(row["valves"] >> index & 1),
    "motor": lambda row, last, index: row["motor_duty_permille"] > 0,
    "button": lambda row, last, index: bool(row["buttons"] >> index & 1),
    "reset": lambda row, last, index: row["boots"] > last.get("boots", row["boots"]),
    "failed write": lambda row, last, index: row["failed_writes"] > 0,
}
"""Whether a part is in use in a row, after the one before it; "reported" is none of the row's."""


@dataclass(frozen=True)
class Outcome:
    """Outcome of a case; `wrong` is empty where it ended safe."""

    key: str
    faults: tuple[str, ...]
    wrong: tuple[str, ...]
    """Every demand that was not met, each as "DEMAND: what was seen"."""
    out_of_scope: tuple[str, ...]
    """The same, of demands that no program can meet: see `OUT_OF_SCOPE`."""
    activated: bool
    """Whether every fault found its part in use: the rest of this proves nothing if not."""
    detected_s: float | None
    """From the fault to its first code; None where the firmware took no notice."""
    codes: tuple[int, ...]
    """All that were shown after the fault and not without it, in their order."""
    own: tuple[int, ...]
    """Codes of another part that the same session on the same massager shows without the fault,
    too: a slow pump misses its minute whatever else is broken."""
    unexplained: tuple[int, ...]
    """Those of `codes` that name another part than the broken one."""
    missed: bool
    """No code that must be shown came, though the part was in use for long enough."""
    state: int
    peak_pad_c: float
    peak_mmhg: float
    energy_j: float
    """Into pad, pump and motor after each was stopped, true."""

    @property
    def code(self) -> int:
        """Return the first one; 0: none."""
        return self.codes[0] if self.codes else 0


@dataclass(frozen=True)
class Plan:
    """Data of a session for the judge: its faults, and the presses that start it."""

    key: str
    faults: tuple[tuple[str, int], ...]
    """Each with its moment, ms."""
    from_ms: int
    """When the first one comes; codes count from here on."""
    starts_ms: tuple[int, ...]
    stop_ms: int
    """The press that ends the session for good."""
    has_tach: bool = True
    sags: bool = False
    """Whether the mains sag on the way, to bring about a pause: its code names no fault."""


class Judge:
    """Judge every row of a run."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._faults = tuple(name for name, _ in plan.faults)
        self._fault_ms = 0 if MEMORY in self._faults else plan.from_ms
        self.codes: dict[int, int] = {}
        """Code → when it was first seen, ms."""
        self._states = core("safety.supervisor")
        self._at_rest = (
            self._states.OFF,
            self._states.PAUSE,
            self._states.STOPPING,
            self._states.FAULT,
        )
        self._latched: set[str] = set()
        self._stopped_ms: dict[str, int] = {}
        """What must be without power or air, → since when."""
        self._down_ms: int | None = None
        self._quiet_ms: int | None = None
        self._squeezed_ms: dict[str, int] = {}
        self._activated: set[str] = set()
        self._used_ms = 0
        """Time in which the first fault should have been noticed."""
        self._wrong: dict[str, str] = {}
        self._peak_mc = 0
        self._peak_pa = 0
        self._energy_mj = 0.0
        self._fell = False
        self._passed_ms = 0  # since the last row
        self._last: Row = {}

    def see(self, row: Row, fell: bool = False, reported: Collection[str] = ()) -> None:
        """Judge one tenth of a second; `fell` once the program has ended itself, `reported` are
        those faults that are no part of the plant and have happened."""
        now_ms = row["t_ms"]
        self._passed_ms = now_ms - self._last.get("t_ms", now_ms - _ROW_MS)
        self._fell = fell
        self._use(row, reported)
        code = self._code(row)
        if code and now_ms >= self._fault_ms and not (self._plan.sags and code == _supply_low()):
            self.codes.setdefault(code, now_ms)
        self._follow(row, code)
        self._demand_stops(row)
        self._demand_limits(row)
        self._demand_start(row)
        self._last = row

    @property
    def activated(self) -> bool:
        """Return whether every fault has met its part in use."""
        return self._activated == set(self._faults)

    def is_quiet(self, now_ms: int) -> bool:
        """Return whether everything has been stopped and at rest for long enough to leave it."""
        return self._quiet_ms is not None and now_ms - self._quiet_ms >= QUIET_MS

    def outcome(self, reason: str, own: Collection[int] = ()) -> Outcome:
        """Return the verdict; `own` are codes that have nothing to do with the fault."""
        if reason not in ("until", "stop"):
            self._note("board", f"it ended: {reason}")
        plan = self._plan
        codes = tuple(code for code in self.codes if code not in own)
        detected_s = None
        if codes:
            detected_s = max(0, self.codes[codes[0]] - plan.from_ms) / 1000
        excused = {
            demand
            for one in OUT_OF_SCOPE
            if set(one.faults) <= set(self._faults)
            for demand in one.demands
        }
        found = [(demand, f"{demand}: {what}") for demand, what in self._wrong.items()]
        return Outcome(
            key=plan.key,
            faults=self._faults,
            wrong=tuple(text for demand, text in found if demand not in excused),
            out_of_scope=tuple(text for demand, text in found if demand in excused),
            activated=self.activated,
            detected_s=detected_s,
            codes=codes,
            own=tuple(code for code in self.codes if code in own),
            unexplained=tuple(sorted(set(codes) - expected_codes(self._faults))),
            missed=self._has_missed(),
            state=FELL if self._fell else self._last.get("fw_state", -1),
            peak_pad_c=self._peak_mc / 1000,
            peak_mmhg=round(self._peak_pa / PA_PER_MMHG, 1),
            energy_j=round(self._energy_mj / 1000, 1),
        )

    def _use(self, row: Row, reported: Collection[str]) -> None:
        for name, at_ms in self._plan.faults:
            if row["t_ms"] <= at_ms:
                continue
            kind = CATALOGUE[family(name)]
            if self._is_used(kind.activated, name, row, reported):
                self._activated.add(name)
            if name == self._faults[0] and self._is_used(
                kind.since or kind.activated, name, row, reported
            ):
                self._used_ms += self._passed_ms

    def _is_used(self, use: str, name: str, row: Row, reported: Collection[str]) -> bool:
        if use == "reported":
            return name in reported
        return use in USES and USES[use](row, self._last, _index(name))

    def _code(self, row: Row) -> int:
        # no telemetry comes from a firmware that fell
        return _program_error() if self._fell else int(row.get("fw_fault", 0))

    def _follow(self, row: Row, code: int) -> None:
        """Learn what has to be stopped, and since when."""
        now_ms: int = row["t_ms"]
        state = row.get("fw_state", self._states.OFF)
        reset = row["boots"] > self._last.get("boots", row["boots"])
        came = any(
            name in DOWN and self._last.get("t_ms", 0) < at_ms <= now_ms
            for name, at_ms in self._plan.faults
        )
        if reset or came or self._fell:
            if self._down_ms is None:
                self._down_ms = now_ms
            if reset:
                self._latched.clear()  # flash is written at rest only: a reset may forget
        elif self._down_ms is not None and any(
            self._down_ms < start_ms <= now_ms for start_ms in self._plan.starts_ms
        ):
            self._down_ms = None
        stops, latches = _stopped_by(code)
        if latches:
            self._latched |= stops
        if self._last.get("fw_state") == self._states.FAULT and state == self._states.OFF:
            self._latched.clear()  # a person, or a button that is stuck, has cleared it
        wanted = self._latched | stops
        stopping = self._states.STOPPING
        if state == stopping and self._last.get("fw_state") != stopping:
            # a pause that is given up: a cycle that it cut tests its lines now
            for what in ("rest", "pump"):
                self._stopped_ms.pop(what, None)
        ended = now_ms > self._plan.stop_ms
        if ended or self._down_ms is not None or state in self._at_rest:
            wanted = wanted | {"rest"}
        self._stopped_ms = {what: self._stopped_ms.get(what, now_ms) for what in sorted(wanted)}

    def _demand_stops(self, row: Row) -> None:
        now_ms = row["t_ms"]
        for part, column in _POWER.items():
            since_ms = self._stopped_ms.get(part)
            rest_ms = self._stopped_ms.get("rest")
            if since_ms is not None or rest_ms is not None:
                self._energy_mj += row[column] * self._passed_ms / 1000
            late = since_ms is not None and now_ms > since_ms + _POWER_MS[part]
            if row[column] and (late or self._is_due(now_ms)):
                self._note(part, f"{row[column] / 1000:.1f} W after its stop{_at(now_ms)}")
        squeezed_pa = max(row[name] for name in row if _is_chamber(name))
        air_ms = self._stopped_ms.get("pump")
        vented = air_ms is not None and now_ms > air_ms + REST_MS
        if squeezed_pa >= _vented_pa() and (vented or self._is_due(now_ms)):
            self._note(
                "vent", f"a chamber holds {squeezed_pa / PA_PER_MMHG:.0f} mmHg{_at(now_ms)}"
            )
        rests = not any(row[column] for column in _POWER.values()) and not row["energised"]
        rests = rests and squeezed_pa < _vented_pa() and row["motor_rpm"] < REST_RPM
        if self._is_due(now_ms):
            if row["energised"]:
                self._note("driven", f"outputs {row['energised']:04b} are driven{_at(now_ms)}")
            if row["motor_rpm"] >= REST_RPM:
                self._note("motor", f"turns at {row['motor_rpm']} rpm{_at(now_ms)}")
        if rests and "rest" in self._stopped_ms:
            self._quiet_ms = now_ms if self._quiet_ms is None else self._quiet_ms
        else:
            self._quiet_ms = None

    def _is_due(self, now_ms: int) -> bool:
        """Return whether all has to be at rest by now."""
        since_ms = self._stopped_ms.get("rest")
        return since_ms is not None and now_ms > since_ms + REST_MS

    def _demand_limits(self, row: Row) -> None:
        now_ms = row["t_ms"]
        limits = core("limits")
        self._peak_mc = max(self._peak_mc, row["pad_max_mc"])
        self._peak_pa = max(self._peak_pa, row["chamber_max_pa"])
        if row["pad_max_mc"] > PAD_MOST_MC:
            self._note("pad", f"{row['pad_max_mc'] / 1000:.1f} °C{_at(now_ms)}")
        if row["chamber_max_pa"] > CHAMBER_MOST_PA:
            shown = row["chamber_max_pa"] / PA_PER_MMHG
            self._note("pressure", f"{shown:.0f} mmHg in a chamber{_at(now_ms)}")
        for name in filter(_is_chamber, row):
            if row[name] <= limits.SQUEEZED_PA:
                self._squeezed_ms.pop(name, None)
            elif now_ms - self._squeezed_ms.setdefault(name, now_ms) > limits.SQUEEZED_MAX_MS:
                self._note("squeeze", f"{name[:9]} for more than 90 s{_at(now_ms)}")

    def _demand_start(self, row: Row) -> None:
        """Demand that nothing starts by itself."""
        now_ms = row["t_ms"]
        runs = (self._states.CHECK, self._states.RUN, self._states.ENDING)
        before = self._last.get("fw_state", self._states.OFF)
        if self._last and row.get("fw_state") in runs and before not in runs:
            pressed = any(0 <= now_ms - at <= _START_MS for at in self._plan.starts_ms)
            if not pressed:
                self._note("start", f"it started by itself{_at(now_ms)}")

    def _has_missed(self) -> bool:
        """Return whether a single fault was not named though its part was in use long enough.

        What the motor does is not seen by a board without a tach.
        """
        if len(self._faults) != 1:
            return False
        name = self._faults[0]
        kind = CATALOGUE[family(name)]
        blind = not self._plan.has_tach and name in FAULTS and FAULTS[name][1] == "motor"
        if not kind.codes or blind or self._used_ms / 1000 <= kind.within_s:
            return False
        return not {fault_names()[code] for code in self.codes} & set(kind.codes)

    def _note(self, demand: str, what: str) -> None:
        """Record the first failure of each demand."""
        self._wrong.setdefault(demand, what)


def by_family(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Return the runs with a single fault, by the family of that fault."""
    found: dict[str, list[Outcome]] = {}
    for one in outcomes:
        if len(one.faults) == 1:
            found.setdefault(family(one.faults[0]), []).append(one)
    return dict(sorted(found.items()))


def stops_something(codes: Sequence[int]) -> bool:
    """Return whether one of them takes energy away."""
    return any(_stopped_by(code)[0] for code in codes)


@cache
def _stopped_by(code: int) -> tuple[frozenset[str], bool]:
    """Return what a code stops (heat, pump, motor, all: rest) and whether it latches."""
    table = core("safety.fault_table")
    for row in (*table.HEAT, *table.AIR, *table.MOTOR, *table.SYSTEM):
        if row[table.CODE] == code:
            stops = row[table.STOPS]
            if stops & (table.STOPS_ALL | table.STOPS_SESSION):
                return frozenset(("heat", "pump", "motor", "rest")), row[table.STAYS]
            bits = {"heat": table.STOPS_HEAT, "pump": table.STOPS_AIR, "motor": table.STOPS_MOTOR}
            return frozenset(part for part, bit in bits.items() if stops & bit), row[table.STAYS]
    return frozenset(), False


@cache
def _program_error() -> int:
    return next(code for code, name in fault_names().items() if name == "PROGRAM_ERROR")


@cache
def _supply_low() -> int:
    return next(code for code, name in fault_names().items() if name == "SUPPLY_LOW")


@cache
def _vented_pa() -> int:
    return int(core("limits").VENTED_PA)


def _index(name: str) -> int:
    """Return the chamber or button that a fault belongs to."""
    index = FAULTS[name][3] if name in FAULTS else None
    if isinstance(index, int):
        return index
    if name.startswith("button_"):
        return BUTTONS.index(name.split("_")[1])
    return 0


def _at(now_ms: int) -> str:
    return f" at {now_ms / 1000:.1f} s"


def _is_chamber(column: str) -> bool:
    return column.startswith("chamber_") and column[8].isdigit()
