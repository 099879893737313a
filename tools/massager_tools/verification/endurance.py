"""Evenings of ordinary use on random massagers, nothing broken: does anything stop them?

The whole device runs (`harness.py`) while somebody lives with it: any program, levels up and
down, heat on and off and boosted, a leg that moves, feet put onto the plate, a blanket, the
plug pulled between two evenings. No fault is injected, so whatever stops an output is a false
trip, and so is a session that does not begin, does not last as long as its program or does not
end at rest. Only time under way counts as hours; `--keep FILE` goes on where it was stopped,
`--dask ADDRESS` spreads the evenings over a cluster.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from massager_tools.firmware_tables import programs
from massager_tools.units import PA_PER_MMHG
from massager_tools.verification.harness import TICK_S, Build, Device, Leg, signals, supervisor
from massager_tools.verification.report import Criterion, Distribution, Options, Report

HOURS = 10_000
QUICK_HOURS = 4
_HOURS_A_CASE = 2.0

_CHECK_S = 60.0
_SHORT_PRESS_S = 0.15
_START_PRESS_S = 0.5
_OPEN_S = 0.4  # a clean press comes from a contact that has been open for 0.3 s
_BOOST_PRESS_S = 1.7
_ACT_S = (10.0, 300.0)  # between two things that a person does
_REST_S = (10.0, 180.0)
_SLACK = (0.9, 1.15)  # nobody wraps a leg twice alike …
_FILL_S = 25.0  # … but so that the pump takes up a chamber's slack in this, of the 30 s there are
_STOPPED_EARLY = 0.25  # of the sessions
_UNPLUGGED = 0.3  # of the rests
_UNDER_WAY = (supervisor.CHECK, supervisor.RUN, supervisor.ENDING, supervisor.STOPPING)
_LATE_SHARE = 0.001  # of the ticks
_LENGTH = 0.99  # of the program: late ticks are not counted here


@dataclass(frozen=True)
class Case:
    """So many hours with one massager."""

    seed: int
    parameters: Mapping[str, Any]
    build: Build
    hours: float = _HOURS_A_CASE

    @property
    def key(self) -> str:
        """Return a key that is the same for the same case, in every run."""
        return f"{self.seed} / {self.hours} h"


@dataclass(frozen=True)
class Outcome:
    """Result of the hours; `trips`, `notices` as "NAME, program, minute of the session"."""

    key: str
    hours: float
    sessions: int
    trips: tuple[str, ...]
    notices: tuple[str, ...]
    hottest_pad_c: float
    highest_mmhg: float


def run_case(case: Case) -> Outcome:
    """Run a case; a trip ends it."""
    person = _Person(case)
    while person.goes_on:
        person.spend_an_evening()
    return Outcome(
        key=case.key,
        hours=round(person.hours, 3),
        sessions=person.sessions,
        trips=tuple(person.trips),
        notices=tuple(person.notices),
        hottest_pad_c=round(person.hottest_c, 2),
        highest_mmhg=round(person.highest_pa / PA_PER_MMHG, 1),
    )


class _Person:
    """Somebody with one massager, for so many hours under way."""

    def __init__(self, case: Case) -> None:
        self._hours = case.hours
        self._dice = random.Random(case.seed)
        self.device = Device(case.parameters, case.build, case.seed, late_share=_LATE_SHARE)
        self._leg = Leg(self.device.plant.air, case.seed)
        self._busy_ticks = 0
        self._told = 0  # of the device's events
        self.sessions = 0
        self.trips: list[str] = []
        self.notices: list[str] = []
        self.hottest_c = 0.0
        self.highest_pa = 0.0

    @property
    def hours(self) -> float:
        """Under way so far."""
        return self._busy_ticks * TICK_S / 3600.0

    @property
    def goes_on(self) -> bool:
        """Return whether nothing has been stopped and there are hours left."""
        return not self.trips and self.hours < self._hours

    def spend_an_evening(self) -> None:
        """Run a session, and a rest after it."""
        dice = self._dice
        device = self.device
        device.plant.set_leg(True)
        device.plant.air.slack_factor = min(dice.uniform(*_SLACK), self._slack_most())
        device.plant.heat.blanket = dice.random() < 0.3
        device.run(_OPEN_S)
        for _ in range(dice.randrange(len(programs()))):
            device.press(signals.BUTTON_PROGRAM, _SHORT_PRESS_S)
        started = device.ticks
        device.press(signals.BUTTON_POWER, _START_PRESS_S)
        self.sessions += 1
        program = device.controller.session.program
        lasts_s = list(programs().values())[program].minutes * 60.0
        self._live(_CHECK_S, started)
        if device.state == supervisor.OFF:
            self._miss("never began", program)
        stops_at_s = dice.uniform(60.0, 1800.0) if dice.random() < _STOPPED_EARLY else None
        while device.state in _UNDER_WAY and self.goes_on:
            self._live(dice.uniform(*_ACT_S), started)
            if stops_at_s is not None and (device.ticks - started) * TICK_S > stops_at_s:
                device.press(signals.BUTTON_POWER, _SHORT_PRESS_S)
                self._live(_CHECK_S, started)
                lasts_s = 0.0
                break
            if device.state == supervisor.RUN:
                self._act()
        if device.state in _UNDER_WAY:
            device.press(signals.BUTTON_POWER, _SHORT_PRESS_S)
            self._live(_CHECK_S, started)
        elif not self.trips:
            if (device.ticks - started) * TICK_S < _LENGTH * lasts_s:
                self._miss("ended early", program)
            if device.state != supervisor.OFF:
                self._miss("did not end at rest", program)
        device.plant.motor.extra_load_nm = 0.0
        device.plant.set_leg(dice.random() < 0.5)
        self._live(dice.uniform(*_REST_S), started)
        if device.state == supervisor.OFF and dice.random() < _UNPLUGGED:
            device.power_up()

    def _slack_most(self) -> float:
        """Return how loose a wrap may be: a chamber has to fill in the time of the limits."""
        p = self.device.plant.air.p
        pump_ml_s = p["pump_l_min"] * 1000.0 / 60.0
        return float(_FILL_S * pump_ml_s / max(p["chamber_slack_ml"]))

    def _live(self, seconds: float, started: int) -> None:
        device = self.device
        plant = device.plant
        program = device.controller.session.program
        for _ in range(round(seconds / TICK_S)):
            self._leg.tick()
            device.tick()
            if device.state in _UNDER_WAY:
                self._busy_ticks += 1
            if plant.heat.face_c > self.hottest_c:
                self.hottest_c = plant.heat.face_c
            highest_pa = max(plant.air.chamber_pa)
            if highest_pa > self.highest_pa:
                self.highest_pa = highest_pa
        for tick, name, stops in device.events[self._told :]:
            minute = (tick - started) * TICK_S / 60.0
            text = f"{name}, {list(programs())[program]}, {minute:.1f} min"
            (self.trips if stops else self.notices).append(text)
        self._told = len(device.events)

    def _miss(self, what: str, program: int) -> None:
        self.trips.append(f"session {what}, {list(programs())[program]}")

    def _act(self) -> None:
        """Do one thing that a person does."""
        dice = self._dice
        device = self.device
        kind = dice.random()
        if kind < 0.4:
            button = dice.choice((signals.BUTTON_UP, signals.BUTTON_DOWN))
            device.press(button, _SHORT_PRESS_S)
        elif kind < 0.6:
            device.press(signals.BUTTON_HEAT, _SHORT_PRESS_S)
        elif kind < 0.7:
            device.press(signals.BUTTON_HEAT, _BOOST_PRESS_S)
        elif kind < 0.9:
            feet_nm = device.plant.motor.p["feet_nm"]
            device.plant.motor.extra_load_nm = dice.choice((0.0, dice.uniform(0.0, feet_nm)))
        else:
            device.plant.heat.blanket = not device.plant.heat.blanket


def case_of(seed: int, hours: float = _HOURS_A_CASE) -> Case:
    """Return the case of the massager that this seed draws."""
    from massager_tools.sim.model import parameters
    from massager_tools.verification import builds

    return Case(seed, parameters.draw(seed), builds.drawn(seed), hours)


def measure(options: Options) -> Report:
    """Run the hours asked for; see the module."""
    from massager_tools.verification import campaign, workers

    hours = QUICK_HOURS if options.quick else HOURS
    count = round(hours / _HOURS_A_CASE)
    cases = [case_of(options.seed * 1_000_000 + number) for number in range(count)]
    outcomes, _ = campaign.run(cases, run_case, Outcome, options, pypy=True)
    return report(outcomes, hours, (workers.note(),))


def report(outcomes: Sequence[Outcome], hours: float, notes: Sequence[str] = ()) -> Report:
    """Return the report: hours, trips and notices; `hours` were asked for."""
    trips = [(one.key, trip) for one in outcomes for trip in one.trips]
    notices = [name for one in outcomes for name in one.notices]
    lived = round(sum(one.hours for one in outcomes), 1)
    return Report(
        name="use",
        values={
            "hours under way": lived,
            "massagers": len(outcomes),
            "sessions": sum(one.sessions for one in outcomes),
            "false trips": len(trips),
            "notices": len(notices),
        },
        figures={
            "hottest pad": Distribution.of([one.hottest_pad_c for one in outcomes], "°C"),
            "highest pressure": Distribution.of([one.highest_mmhg for one in outcomes], "mmHg"),
        },
        criteria=(
            Criterion("false trips", len(trips), 0, "at most"),
            Criterion("hours under way", lived, hours, "at least", "h"),
            Criterion(
                "hottest pad", max(one.hottest_pad_c for one in outcomes), 48.0, "at most", "°C"
            ),
        ),
        notes=(*notes, *_notes(trips, notices)),
    )


def _notes(trips: Sequence[tuple[str, str]], notices: Sequence[str]) -> Iterator[str]:
    for key, trip in sorted(trips):
        yield f"stopped without a fault: {trip} (massager {key})"
    names = Counter(notice.partition(",")[0] for notice in notices)
    if names:
        text = ", ".join(f"{name} {count}" for name, count in names.most_common())
        yield f"notices, which stop nothing: {text}"
