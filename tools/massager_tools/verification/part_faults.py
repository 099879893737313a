"""One fault at a time in one part of the massager: what is shown, how soon, and what it does.

`heat_faults`, `air_faults` and `motor_faults` choose plants, moments and criteria; what a
fault does to a device, how it is watched and what is recorded of it is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from massager_tools.sim.model.faults import FAULTS
from massager_tools.units import PA_PER_MMHG
from massager_tools.verification.harness import TICK_S, Build, Device, checksum, fault_table

WITHOUT_SENSE = ", no heater_sense"
_POINT_TICKS = 100  # between the points of a trace
_STOPS_AIR = fault_table.STOPS_AIR | fault_table.STOPS_ALL | fault_table.STOPS_SESSION
_VENTED_PA = 8.0 * PA_PER_MMHG
_NEVER_S = -1.0

Step = tuple[float, Callable[[Device], None]]
"""Seconds after a fault has begun, and what happens to the massager then."""


@dataclass(frozen=True)
class Case:
    """One plant in one circumstance: all faults that `faults` names, each in a copy of it."""

    seed: int
    circumstance: str
    faults: tuple[str, ...]
    parameters: Mapping[str, Any]
    build: Build
    setting: int = 0
    """A set-point, a pattern, a speed: what the circumstance needs besides its name."""

    @property
    def key(self) -> str:
        """Return a key that is the same for the same case, in every run."""
        return f"{self.seed} {self.circumstance} {self.setting} {checksum(self.parameters)}"


@dataclass(frozen=True)
class FaultRun:
    """One fault in one plant; times in s from the fault on, None for never.

    `names` are the faults that came into force, in their order. `hazard` is whether the true
    pad went beyond the limits. `vented_s` counts from the stop of the air.
    """

    fault: str
    moment: str
    names: tuple[str, ...]
    shown_s: float | None
    latched_s: float | None
    latched: str
    peak_c: float
    hazard: bool
    peak_mmhg: float
    vented_s: float | None
    driven_s: float
    trace: tuple[float, ...]


@dataclass(frozen=True)
class Outcome:
    """All runs of one case, each as the fields of a FaultRun: a line of JSON holds them."""

    key: str
    runs: tuple[Any, ...]

    def fault_runs(self) -> list[FaultRun]:
        """Return the runs as what they are."""
        return [FaultRun(*run) for run in self.runs]


@dataclass(frozen=True)
class Quiet:
    """Use of a healthy plant: hours, hours with the part at work, faults that came."""

    key: str
    hours: float
    busy_hours: float
    stops: tuple[str, ...]
    notices: tuple[str, ...]


def outcome(key: str, runs: Sequence[FaultRun]) -> Outcome:
    """Return the outcome of a case."""
    return Outcome(key, tuple(tuple(asdict(run).values()) for run in runs))


def activate(device: Device, fault: str) -> None:
    """Break `device` now. Pairs are written "A + B"; `ntcs_swapped` is no fault of the model."""
    for name in fault.removesuffix(WITHOUT_SENSE).split(" + "):
        if name == "ntcs_swapped":
            device.swap_thermistors()
        else:
            device.plant.set_fault(name, True)


def family_index(family: str, chamber: int) -> str:
    """Return the fault of the model that a family means for one chamber, where it has one."""
    name = f"{family}_{chamber + 1}"
    return name if name in FAULTS else family


@dataclass(frozen=True)
class Limits:
    """Ends of a run, and what is too much for a pad."""

    watch_s: float
    after_stop_s: float
    """After the last new state of things: a latched fault, or the air stopped."""
    after_notice_s: float = float("inf")
    ends_at: str = "latch"
    """`latch`: a latched fault decides; `air`: the air being stopped does."""
    hazard_c: float = float("inf")
    hazard_s: float = 0.0
    trip_c: float = float("inf")
    value: Callable[[Device], float] = lambda device: device.plant.heat.face_c
    """What the trace shows."""
    beside: tuple[str, ...] = ()
    """Names that are true beside others: they are no answer."""


def watch(
    device: Device,
    fault: str,
    moment: str,
    limits: Limits,
    course: Sequence[Step] = (),
) -> FaultRun:
    """Let the fault take its course until it is stopped and settled, or time is up.

    `course` is what else happens on the way.
    """
    happen = _happening(course)
    heat, air = device.plant.heat, device.plant.air
    faults = device.controller.faults
    seen = len(device.events)
    names: list[str] = []
    shown_s = latched_s = stopped_s = vented_s = None
    latched = ""
    peak_c, peak_pa, hot_s, driven_s = heat.face_c, 0.0, 0.0, 0.0
    hazard = False
    trace: list[float] = []
    ticks = 0
    while ticks * TICK_S < limits.watch_s:
        happen(device, ticks * TICK_S)
        device.tick()
        ticks += 1
        now_s = ticks * TICK_S
        for _, name, _ in device.events[seen:]:
            if name not in limits.beside:
                names.append(name)
                shown_s = now_s if shown_s is None else shown_s
        seen = len(device.events)
        if faults.latched and latched_s is None:
            latched_s = now_s
            latched = _latched_name(faults)
        face_c = heat.face_c
        peak_c = max(peak_c, face_c)
        hot_s = hot_s + TICK_S if face_c > limits.hazard_c else 0.0
        hazard = hazard or (hot_s > 0.0 and hot_s >= limits.hazard_s) or face_c >= limits.trip_c
        highest_pa = max(air.chamber_pa)
        peak_pa = max(peak_pa, highest_pa)
        driven_s += TICK_S * (device.outputs.motor_permille > 0)
        if stopped_s is None and device.stops & _STOPS_AIR:
            stopped_s = now_s
        if stopped_s is not None:
            vented_s = _vented(highest_pa, vented_s, now_s - stopped_s)
        if ticks % _POINT_TICKS == 1:
            trace.append(round(limits.value(device), 3))
        decided_s = stopped_s if limits.ends_at == "air" else latched_s
        if decided_s is not None:
            is_over = now_s > decided_s + limits.after_stop_s
            if is_over and (limits.ends_at == "air" or heat.power_w == 0.0):
                break
        elif shown_s is not None and now_s > shown_s + limits.after_notice_s:
            break
    if stopped_s is not None and vented_s is None:
        vented_s = ticks * TICK_S - stopped_s
    return FaultRun(
        fault,
        moment,
        tuple(names),
        shown_s,
        latched_s,
        latched,
        peak_c,
        hazard,
        peak_pa / PA_PER_MMHG,
        vented_s,
        driven_s,
        tuple(trace),
    )


def _happening(course: Sequence[Step]) -> Callable[[Device, float], None]:
    """Return what lets each step of `course` happen once, in its time."""
    coming = sorted(course, key=lambda step: step[0])

    def happen(device: Device, now_s: float) -> None:
        while coming and now_s >= coming[0][0]:
            coming.pop(0)[1](device)

    return happen


def _vented(highest_pa: float, vented_s: float | None, since_s: float) -> float | None:
    """Return when the chambers were empty for good."""
    if highest_pa >= _VENTED_PA:
        return None
    return since_s if vented_s is None else vented_s


def _latched_name(faults: Any) -> str:
    """Return the name of the gravest latched fault."""
    code = faults.code
    for group in faults.groups:
        for row in group.rows:
            if row[fault_table.CODE] == code:
                return str(row[fault_table.NAME])
    return ""
