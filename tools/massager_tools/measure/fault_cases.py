"""One fault in one session on one plant: what happens, and whether it ends safe.

The whole firmware runs on the virtual board. A case says everything there is to chance, so
that any run can be had again: `spend(Case(...))`.
"""

import ast
import atexit
import random
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from massager_tools import deploy
from massager_tools.boards import load_board
from massager_tools.core import core, fault_names, program
from massager_tools.live.session import presses_for
from massager_tools.virtual.delivered import brought_up
from massager_tools.virtual.host import Row, VirtualMassager
from massager_tools.virtual.model import parameters
from massager_tools.virtual.model.faults import FAULTS

BOARD = "esp32_devkitc"
PAD_MOST_MC = 48_000  # on the skin's side of the pad, true
VENTED_PA = 1_067  # 8 mmHg …
REST_RPM = 60  # a motor at rest
STOPPED_MS = 10_000  # … this long after a stop
_WORN_MS = 2_000
_START_MS = 8_000
_HEAT_MS = 12_000
_MOMENTS_MS = (13_000, 120_000)  # a fault comes between these
_WATCH_MS = 75_000  # longer than any fault of the table takes to show …
_POWER_OFF_MS = 15_000  # … then a person presses *power*
_ONE_OFF_MS = 1_000
_FAULT_STATE = 6
FELL = len(core("safety.supervisor").STATE_NAMES)
"""In place of a state: the program has ended itself, every output off, and told why."""
_FAILED = "failed:"
_PROGRAM_ERROR = next(row[0] for row in core("safety.faults").SYSTEM if row[1] == "PROGRAM_ERROR")

EVENTS: dict[str, dict[str, Any]] = {
    "power_cut": {"do": "power_cut", "for_ms": 3_000},
    "reset_pin": {"do": "reset_pin"},
    "ctrl_c": {"do": "ctrl_c"},
}
"""Faults that are no part of the plant's table."""
ONE_OFF = ("chip_hangs",)
"""One call that never ends; the program that starts after the watchdog's bite is well."""
MEMORY = "memory_corrupt"
ANY_ERROR = "error_in_the_program"
WORN_FROM_THE_START = ("wrap_tight",)
"""Nobody tightens a wrap in no time: over a filled chamber the model would squeeze its air."""
_ERROR = "error in "
_RUNNING = (
    *("core", "hal/esp32.py", "hal/edges.py", "hal/tach.py", "telemetry.py", "memory.py"),
    *("journal.py", "record.py", "blackbox.py"),
)
"""What a tick goes through, below `firmware/massager`; the rest only starts it."""
_SLOTS = ("memory_a", "memory_b")
_THROW = """import sys
import time
import {module}
_place = sys.modules["{module}"]{owner}
_real = _place.{function}
def _broken(*arguments):
    if time.ticks_ms() >= {at_ms}:
        raise RuntimeError("thrown by the campaign")
    return _real(*arguments)
_place.{function} = _broken

"""
_GROUPS = {"heat": "HEAT", "air": "AIR", "motor": "MOTOR"}
"""Part of the plant → the table of faults that tell of it; all else is the system's."""
_ALSO_TELL = {
    "motor_switch_shorted": ("SUPPLY_LOW",),
    "motor_stalled": ("SUPPLY_LOW",),
}
"""What a fault brings on beyond its own part: these draw what no supply holds."""
BEYOND = {
    "motor_switch_shorted": "its one switch conducts: only the plug stops the motor, as E55 says",
}
"""Faults after which no program can bring about rest, each with what does."""


@dataclass(frozen=True)
class Case:
    """`faults` come one after the other at `moments_ms`; `plant` is the seed of the massager."""

    faults: tuple[str, ...]
    program: str
    moments_ms: tuple[int, ...]
    plant: int

    @property
    def key(self) -> str:
        """The same for the same case, in every run."""
        moments = "+".join(map(str, self.moments_ms))
        return f"{'+'.join(self.faults)} / {self.program} / {moments} / {self.plant}"


@dataclass(frozen=True)
class Outcome:
    """What became of a case; `wrong` is empty where it ended safe."""

    key: str
    faults: tuple[str, ...]
    wrong: str
    detected_s: float | None
    """From the fault to its first code; None where the firmware took no notice."""
    codes: tuple[int, ...]
    """All that were shown after the fault and not without it, in their order."""
    own: tuple[int, ...]
    """Codes of another part that the same session on the same massager shows without the fault,
    too: a slow pump misses its minute whatever else is broken."""
    unexplained: tuple[int, ...]
    """Those of `codes` that tell of another part than the broken one."""
    state: int
    peak_pad_c: float
    peak_mmhg: float
    energised_s: float
    """How long anything was driven after a stop."""

    @property
    def code(self) -> int:
        """The first one; 0: none."""
        return self.codes[0] if self.codes else 0


def told_by(faults: Sequence[str]) -> set[int]:
    """The codes that tell of the parts these faults break."""
    table = core("safety.faults")
    codes: set[int] = set()
    by_name = {name: code for code, name in fault_names().items()}
    for fault in faults:
        part = FAULTS[fault][1] if fault in FAULTS else ""
        codes.update(row[0] for row in getattr(table, _GROUPS.get(part, "SYSTEM")))
        codes.update(by_name[name] for name in _ALSO_TELL.get(fault, ()))
    return codes


def names(chambers: int) -> list[str]:
    """Every single fault there is for a board of so many chambers, but for `errors`."""
    plant = [
        name
        for name, (_, part, _, index, _) in FAULTS.items()
        if not (part == "air" and isinstance(index, int) and index >= chambers)
    ]
    return [*plant, *EVENTS, MEMORY]


def errors() -> dict[str, list[str]]:
    """An error in any function that a tick goes through: file → "error in FILE [CLASS.]NAME"."""
    root = deploy.FIRMWARE_DIR / "massager"
    found: dict[str, list[str]] = {}
    for name in _RUNNING:
        path = root / name
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            places = list(_functions(ast.parse(file.read_text(encoding="utf-8"))))
            if places:
                shown = file.relative_to(root).as_posix()
                found[shown] = [f"{_ERROR}{shown} {place}" for place in places]
    return found


def _functions(module: ast.Module) -> Iterator[str]:
    """Public functions and methods; the deployment shortens the names of the others."""
    for node in module.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for item in inside:
            if (
                isinstance(item, ast.FunctionDef)
                and not item.name.startswith("_")
                and not item.decorator_list
            ):
                yield owner + item.name


def family(fault: str) -> str:
    """The kind of a fault: any chamber's, any button's, any thermistor's, an error in any file."""
    if fault.startswith(_ERROR):
        return ANY_ERROR
    words = fault.split("_")
    if words[0] == "button":
        return f"button_{words[-1]}"
    if words[0] == "ntc":
        return "_".join(("ntc", *words[2:]))
    return fault.rstrip("_1234")


def draw(faults: Sequence[str], program_name: str, seed: int) -> Case:
    """A case at a random moment on a random massager."""
    dice = random.Random(f"{seed} {faults} {program_name}")
    moments = sorted(dice.randrange(*_MOMENTS_MS) for _ in faults)
    for number, name in enumerate(faults):
        if name in WORN_FROM_THE_START:
            moments[number] = _WORN_MS
    return Case(tuple(faults), program_name, tuple(moments), dice.randrange(1 << 30))


def spend(case: Case) -> Outcome:
    """Run it and judge it; codes that the fault does not explain are looked for without it."""
    judge, reason = _live(case)
    own: set[int] = set()
    if set(judge.codes) - told_by(case.faults):
        healthy, _ = _live(replace(case, faults=()))
        own = set(healthy.codes) - told_by(case.faults)
    return judge.outcome(reason, own)


def _live(case: Case) -> tuple["_Judge", str]:
    """The session of a case, and how its board ended; without faults nothing is broken."""
    last_ms = max(case.moments_ms)
    stop_ms = last_ms + _WATCH_MS
    events: list[dict[str, Any]] = [
        *presses_for(program(case.program)),
        {"at_ms": _START_MS, "do": "press", "button": "power", "for_ms": 500},
        {"at_ms": _HEAT_MS, "do": "press", "button": "heat", "for_ms": 300},
        {"at_ms": stop_ms, "do": "press", "button": "power", "for_ms": 200},
    ]
    board = load_board(BOARD)
    nvs = brought_up(board)
    prelude = ""
    for name, at_ms in zip(case.faults, case.moments_ms, strict=False):
        if name in EVENTS:
            events.append({"at_ms": at_ms, **EVENTS[name]})
        elif name == MEMORY:
            dice = random.Random(case.plant)
            spoilt = {slot: list(dice.randbytes(300)) for slot in _SLOTS}
            nvs = {**nvs, "massager": {**nvs.get("massager", {}), **spoilt}}
        elif name.startswith(_ERROR):
            prelude += _throw(name, at_ms)
        else:
            events.append({"at_ms": at_ms, "do": "fault", "name": name, "on": True})
            if name in ONE_OFF:
                gone_ms = at_ms + _ONE_OFF_MS
                events.append({"at_ms": gone_ms, "do": "fault", "name": name, "on": False})
    with tempfile.TemporaryDirectory(prefix="massager-fault-") as folder:
        flash = Path(folder) / "flash"
        shutil.copytree(_flash(), flash)
        main = flash / "main.py"
        main.write_text(prelude + main.read_text(encoding="utf-8"), encoding="utf-8")
        deploy.seal(board, flash)
        judge = _Judge(case)
        with VirtualMassager(
            board,
            plant=parameters.draw(case.plant),
            seed=case.plant,
            events=sorted(events, key=lambda event: event["at_ms"]),
            until_ms=stop_ms + _POWER_OFF_MS,
            flash_dir=flash,
            repl=True,  # a firmware that fell leaves a chip that has not
            nvs=nvs,
        ) as massager:
            for row in massager.rows():
                judge.see(row, any(_FAILED in line for line in massager.serial))
        assert massager.result is not None
        return judge, massager.result.reason


@cache
def _flash() -> Path:
    """The deployed firmware, made once in each process."""
    folder = Path(tempfile.mkdtemp(prefix="massager-flash-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    deploy.build(load_board(BOARD), folder / "flash")
    return folder / "flash"


def _throw(name: str, at_ms: int) -> str:
    file, _, place = name.removeprefix(_ERROR).partition(" ")
    owner, dot, function = place.rpartition(".")
    module = "massager." + file.removesuffix(".py").replace("/", ".")
    return _THROW.format(module=module, owner=dot + owner, function=function, at_ms=at_ms)


class _Judge:
    """Looks at every row of a run."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._fault_ms = min(case.moments_ms)
        self._stop_ms = max(case.moments_ms) + _WATCH_MS
        self.codes: dict[int, int] = {}
        """Code → when it was first seen, ms."""
        self._stopped_ms: int | None = None
        self._peak_mc = 0
        self._peak_pa = 0
        self._energised_ms = 0
        self._wrong = ""
        self._fell = False
        self._last: Row = {}

    def see(self, row: Row, fell: bool = False) -> None:
        """One tenth of a second; `fell` once the program has ended itself."""
        now_ms = row["t_ms"]
        self._peak_mc = max(self._peak_mc, row["pad_max_mc"])
        self._peak_pa = max(self._peak_pa, row["chamber_max_pa"])
        self._fell = fell
        code = _PROGRAM_ERROR if fell else row.get("fw_fault", 0)
        came = now_ms >= self._fault_ms or MEMORY in self._case.faults
        if code and came and now_ms < self._stop_ms:
            self.codes.setdefault(code, now_ms)
        # a telemetry line is a tenth of a second old, and none comes from a firmware that fell
        if self._stopped_ms is None and (fell or row.get("fw_state") == _FAULT_STATE):
            self._stopped_ms = now_ms
        elif self._stopped_ms is not None:
            if row["energised"]:
                self._energised_ms += 100
            if now_ms > self._stopped_ms + STOPPED_MS:
                self._demand_rest(row, f"{STOPPED_MS // 1000} s after the trip")
        if row["pad_max_mc"] > PAD_MOST_MC:
            self._note(f"pad at {row['pad_max_mc'] / 1000:.1f} °C")
        self._last = row

    def outcome(self, reason: str, own: Collection[int] = ()) -> Outcome:
        """The verdict; `own` are codes that have nothing to do with the fault."""
        if reason != "until":
            self._note(f"the board ended: {reason}")
        if self._last:
            self._demand_rest(self._last, "at the end")
        codes = tuple(code for code in self.codes if code not in own)
        detected_s = None
        if codes:
            detected_s = max(0, self.codes[codes[0]] - self._fault_ms) / 1000
        return Outcome(
            key=self._case.key,
            faults=self._case.faults,
            wrong=self._wrong,
            detected_s=detected_s,
            codes=codes,
            own=tuple(code for code in self.codes if code in own),
            unexplained=tuple(sorted(set(codes) - told_by(self._case.faults))),
            state=FELL if self._fell else self._last.get("fw_state", -1),
            peak_pad_c=self._peak_mc / 1000,
            peak_mmhg=round(self._peak_pa / 133.322, 1),
            energised_s=self._energised_ms / 1000,
        )

    def _demand_rest(self, row: Row, when: str) -> None:
        if row["energised"]:
            self._note(f"{when} something is driven: {row['energised']}")
        pressure_pa = max(value for name, value in row.items() if _is_chamber(name))
        if pressure_pa >= VENTED_PA:
            self._note(f"{when} a chamber holds {pressure_pa / 133.322:.0f} mmHg")
        if row["motor_rpm"] >= REST_RPM:
            self._note(f"{when} the motor turns at {row['motor_rpm']} rpm")

    def _note(self, wrong: str) -> None:
        """The first thing that went wrong says most."""
        if not self._wrong:
            self._wrong = wrong


def _is_chamber(column: str) -> bool:
    return column.startswith("chamber_") and column[8].isdigit()
