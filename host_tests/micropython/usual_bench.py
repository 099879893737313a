"""The usual way on a bench of constant readings. Runs in MicroPython.

`micropython usual_bench.py UNTIL_MS < STEPS`: the steps are JSON, [ms, "row" or "massager",
attribute, value] each. Prints `fault <ms> <name>` when one comes; at the end `heat_cut`,
`dose_spent`, and `lease`, whether the outputs stayed on 30 ms after the loop and 40 ms.
"""
# MicroPython has no annotations
# mypy: ignore-errors

import json
import sys

from usual_way import clock
from usual_way.massager import Massager
from usual_way.on_board import Row, Stream

HEALTHY = {
    "pad_a_uv": 1_032_994,  # 23 °C
    "pad_b_uv": 1_032_994,
    "pressure_uv": 250_000,
    "supply_uv": 12 * 128_000,
}


def main(until_ms, steps):
    """Live through one case."""
    row = Row()
    massager = Massager(row, Stream())
    owners = {"row": row, "massager": massager}
    for name, value in HEALTHY.items():
        setattr(row, name, value)
    told = set()

    def next_period(period):
        now_ms = period * clock.PERIOD_MS
        for name in sorted(massager.faults.active - told):
            told.add(name)
            print("fault", now_ms, name)
        if now_ms >= until_ms:
            raise clock.Over
        while steps and steps[0][0] <= now_ms:
            _, owner, name, value = steps.pop(0)
            if name == "valves":
                massager.valves[:] = value  # the tasks know this list
            else:
                setattr(owners[owner], name, value)

    clock.run(massager, next_period)
    print("heat_cut", massager.heat_cut)
    print("dose_spent", massager.dose_spent)
    print("lease", *[on_after(massager, ms) for ms in (30, 40)])


def on_after(massager, ms):
    """Whether the heater is still on when the loop has stood still for so long."""
    massager.heater_on = True
    massager.renew(clock.ticks_ms() - ms)
    massager.check_lease()
    return massager.heater_on


main(int(sys.argv[1]), json.load(sys.stdin))
