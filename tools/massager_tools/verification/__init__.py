"""Measurements of the firmware: `massager measure NAME`.

A measure is a module of this package with `measure(options: Options) -> Report`; it goes
into `MEASURES` under its own name, a dash for each underscore.
"""

from __future__ import annotations

from importlib import import_module

from massager_tools.errors import UsageError
from massager_tools.verification.report import Options, Report

MEASURES = {
    "air": "pressure, overshoot and cycle time of the squeeze on many plants",
    "air-faults": "every air fault found and named, and no false stop",
    "quiet": "how loud the air is and how fast pressure rises, beside on/off",
    "tick": "time and memory that one control tick takes, on MicroPython",
    "thermistor": "error of the NTC table on every board",
    "heat": "time, overshoot and ripple of the pad, beside other regulators",
    "heat-faults": "every fault of the heating, and hours of use without one",
    "motor": "how the motor holds its speed under load, on random plants, beside others",
    "motor-faults": "whether each motor fault is found, how fast, and nothing else",
    "page": "how fast the page of the panel is, and whether it grows in an hour (needs Chromium)",
    "panel": "what must hold, through thousands of hours of somebody pressing anything",
    "mutation": "whether a test notices when a guard, a limit or a row of a table is broken",
    "faults": "every fault in every program on random massagers: does it end safe",
    "use": "hours of ordinary use of the whole device: nothing may stop it",
    "longrun": "three days of random use: does anything grow, drift, or get left out",
}
"""Name → what it measures, in a line."""


_MODULES = {"use": "endurance", "longrun": "soak"}


def module_name(name: str) -> str:
    """Return the module of this package that measures `name`."""
    return _MODULES.get(name, name.replace("-", "_"))


def measure(name: str, options: Options) -> Report:
    """Run the measure called `name`; UsageError where there is none of that name."""
    if name not in MEASURES:
        raise UsageError(f"no measure {name!r}; measures are {', '.join(MEASURES)}")
    module = import_module(f"massager_tools.verification.{module_name(name)}")
    report = module.measure(options)
    assert isinstance(report, Report)
    return report
