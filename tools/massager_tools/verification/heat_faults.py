"""What happens to the pad when its heating breaks, and whether it ever stops for nothing.

Every fault is put into every pad at every level in the warm-up, when steady and in the
cool-down. Then the same guard watches hours of random use without any fault.
"""

import copy
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from massager_tools.firmware_tables import fault_name
from massager_tools.sim.model import heat as model
from massager_tools.sim.model import parameters
from massager_tools.verification.heat_bench import STEP_S, HeatBench, limits, make_pad
from massager_tools.verification.heat_use import UseHours, use_pad
from massager_tools.verification.report import Criterion, Distribution, Number, Options, Report

PADS = 20
QUICK_PADS = 2
USE_PADS = 100
QUICK_USE_PADS = 10
HOURS_PER_PAD = 10
LEVELS_MC = (*limits.HEAT_LEVELS_MC, limits.HEAT_BOOST_MC)
MOMENTS = ("warm-up", "steady", "cool-down")
WORKERS = 2
PEAK_LIMIT_C = 48.0
WITHOUT_SENSE = ", no heater_sense"

_STEADY_S = 420.0
_COOLED_S = 20.0
_WATCH_S = 300.0
_AFTER_S = 40.0  # once the heat is stopped the pad only cools
# Beyond the limits: the warning's temperature for as long as the warning takes, or the trip's.
_HAZARD_C = limits.PAD_WARNING_MC / 1000.0
_HAZARD_STEPS = limits.PAD_WARNING_MS / 1000.0 / STEP_S
_TRIP_C = limits.PAD_TRIP_MC / 1000.0
_SEED_SPREAD = 100_003
_PATIENCE_S = 1200.0  # a pad too weak to get half-way has its warm-up broken where it is


def _ntc(index: int, fault: int) -> Callable[[HeatBench], None]:
    def apply(bench: HeatBench) -> None:
        bench.heat.ntc_faults[index] = fault

    return apply


def _set(**attributes: bool) -> Callable[[HeatBench], None]:
    def apply(bench: HeatBench) -> None:
        for name, value in attributes.items():
            setattr(bench.heat, name, value)

    return apply


def _swap(bench: HeatBench) -> None:
    bench.sensors.swapped = True


def _sag(bench: HeatBench) -> None:
    bench.supply_v = bench.pad.parameters["supply"]["brown_out_v"]


_NTC_FAULTS = {
    "open": model.OPEN,
    "short": model.SHORT,
    "frozen": model.FROZEN,
    "drifting": model.DRIFTS_UP,
    "drifting_down": model.DRIFTS_DOWN,
    "detached": model.DETACHED,
}
_WELDED = {
    "low_side_welded": _set(low_side_welded=True),
    "high_side_welded": _set(high_side_welded=True),
}
BOTH_WELDED = "both_welded"
FAULTS: Mapping[str, Callable[[HeatBench], None]] = {
    **{
        f"ntc_{n}_{name}": _ntc(i, f)
        for name, f in _NTC_FAULTS.items()
        for i, n in enumerate("ab")
    },
    "ntcs_swapped": _swap,
    **_WELDED,
    **{name + WITHOUT_SENSE: apply for name, apply in _WELDED.items()},
    BOTH_WELDED: _set(low_side_welded=True, high_side_welded=True),
    "pad_open": _set(pad_open=True),
    "pad_open" + WITHOUT_SENSE: _set(pad_open=True),
    "supply_sag": _sag,
    "blanket": _set(blanket=True),
}
"""Name → what it does to a bench. `both_welded` is two faults at once."""


@dataclass(frozen=True)
class FaultRun:
    """One fault in one pad. `after_s` is None where nothing was latched."""

    fault: str
    moment: str
    after_s: float | None
    code: int
    peak_c: float
    beyond: bool
    final: str
    trace: tuple[tuple[float, float], ...]  # (s, true °C), each second

    @property
    def missed(self) -> bool:
        """Whether the pad came beyond the limits and nothing stopped it."""
        return self.beyond and self.after_s is None


def measure(options: Options) -> Report:
    """`massager measure heat-faults`."""
    table = parameters.load(options.plants) if options.plants else parameters.load()
    pads, use_pads = (QUICK_PADS, QUICK_USE_PADS) if options.quick else (PADS, USE_PADS)
    first = options.seed * _SEED_SPREAD
    breaks = [(first + pad, level) for pad in range(pads) for level in LEVELS_MC]
    uses = [first + pads + pad for pad in range(use_pads)]
    runs: list[FaultRun] = []
    hours: list[UseHours] = []
    with ProcessPoolExecutor(WORKERS) as pool:
        broken = pool.map(partial(break_pad, table), breaks)
        used = pool.map(partial(use_pad, table, HOURS_PER_PAD), uses)
        for done, part in enumerate(broken, start=1):
            runs += part
            options.progress(done / (len(breaks) + len(uses)))
        for done, use in enumerate(used, start=len(breaks) + 1):
            hours.append(use)
            options.progress(done / (len(breaks) + len(uses)))
    return report(runs, hours)


def report(runs: list[FaultRun], hours: list[UseHours]) -> Report:
    """The figures of broken pads and of fault-free hours."""
    figures: dict[str, Distribution] = {}
    values: dict[str, Number] = {}
    for fault in FAULTS:
        mine = [run for run in runs if run.fault == fault]
        found = [run.after_s for run in mine if run.after_s is not None]
        values[f"{fault}: detected"] = len(found) / len(mine)
        if found:
            figures[f"{fault}: after"] = Distribution.of(found, "s")
        figures[f"{fault}: peak pad"] = Distribution.of([run.peak_c for run in mine], "°C")
    single = [run for run in runs if run.fault != BOTH_WELDED]
    hazards = [run for run in runs if run.beyond]
    missed = sum(run.missed for run in runs)
    values["runs"] = len(runs)
    values["runs beyond the limits"] = len(hazards)
    values["fault-free hours"] = sum(use.hours for use in hours)
    values["fault-free heating hours"] = round(sum(use.heating_hours for use in hours), 1)
    values["fault-free warnings"] = sum(use.warnings for use in hours)
    return Report(
        name="heat-faults",
        figures=figures,
        values=values,
        criteria=(
            Criterion("missed where energy exceeds the limits", missed, 0, "at most"),
            Criterion(
                "peak true pad, any single fault",
                max(run.peak_c for run in single),
                PEAK_LIMIT_C,
                "at most",
                "°C",
            ),
            Criterion("false trips", sum(use.trips for use in hours), 0, "at most"),
        ),
        notes=(
            *(_finals(runs)),
            "both welded is two faults at once and no program can stop it: the thermal cut-off "
            "in series with the pad does. It is detected, and that is what the row shows.",
            "detected: latched, heat refused until a person clears it. What is not detected "
            "(swapped, blanket, sag, a thermistor that only reads low) cannot overheat the pad.",
            "beyond the limits: the true pad above 45.5 °C for 3 s, or at 47 °C.",
            "every pad is calibrated cold, as the first power-up does it.",
            "supply sag: on a board without `supply`; with it SUPPLY_LOW pauses the session.",
        ),
        draw=partial(draw, runs),
    )


def _finals(runs: list[FaultRun]) -> list[str]:
    """In words, how the runs of each fault ended."""
    lines = []
    for fault in FAULTS:
        finals = [run.final for run in runs if run.fault == fault]
        counts = sorted({(finals.count(final), final) for final in finals}, reverse=True)
        lines.append(f"{fault}: " + ", ".join(f"{count} × {final}" for count, final in counts))
    return lines


def break_pad(table: parameters.Parameters, job: tuple[int, int]) -> list[FaultRun]:
    """Every fault at every moment in the pad of this seed at this level."""
    seed, set_mc = job
    pad = make_pad(parameters.draw(seed, table), seed)
    return [
        run
        for sense in (True, False)
        for moment, bench in moments(HeatBench(pad, sense=sense), set_mc)
        for fault in FAULTS
        if sense != fault.endswith(WITHOUT_SENSE)
        for run in (break_one(copy.deepcopy(bench), fault, moment, set_mc),)
    ]


def moments(bench: HeatBench, set_mc: int) -> list[tuple[str, HeatBench]]:
    """The bench half-way up, steady, and cooling down."""
    for _ in range(round(5 / STEP_S)):
        bench.step(None)
    half_mc = (bench.measured.pad_temp_mc + set_mc) // 2
    steps = 0
    while bench.measured.pad_temp_mc < half_mc and steps < _PATIENCE_S / STEP_S:
        bench.step(set_mc)
        steps += 1
    found = [(MOMENTS[0], copy.deepcopy(bench))]
    for _ in range(round(_STEADY_S / STEP_S)):
        bench.step(set_mc)
    found.append((MOMENTS[1], copy.deepcopy(bench)))
    for _ in range(round(_COOLED_S / STEP_S)):
        bench.step(None)
    found.append((MOMENTS[2], bench))
    return found


def break_one(bench: HeatBench, fault: str, moment: str, set_mc: int) -> FaultRun:
    """Break `bench` now and watch it."""
    FAULTS[fault](bench)
    heat = bench.heat
    asked_mc = None if moment == MOMENTS[2] else set_mc
    peak_c = heat.face_c
    after_s = None
    code = 0
    hot_steps = 0
    beyond = False
    trace = []
    for step in range(round(_WATCH_S / STEP_S)):
        bench.step(asked_mc)
        peak_c = max(peak_c, heat.face_c)
        hot_steps = hot_steps + 1 if heat.face_c > _HAZARD_C else 0
        beyond = beyond or hot_steps >= _HAZARD_STEPS or heat.face_c >= _TRIP_C
        if step % 10 == 0:
            trace.append((step * STEP_S, heat.face_c))
        if bench.faults.latched and after_s is None:
            after_s = (step + 1) * STEP_S
            code = bench.faults.code
        if after_s is not None and heat.power_w == 0 and step * STEP_S > after_s + _AFTER_S:
            break
    final = fault_name(code) if code else "heating on" if bench.regulator.enable else "off"
    return FaultRun(fault, moment, after_s, code, peak_c, beyond, final, tuple(trace))


def draw(runs: list[FaultRun], path: Path) -> None:
    """True pad temperature after each fault, and when it was detected."""
    from massager_tools.verification.heat_plot import draw_faults

    draw_faults(runs, list(FAULTS), path)
