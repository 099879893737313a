"""The picture of `massager measure motor`: one story, every control."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from massager_tools.verification.motor_rig import Trace

_COLOURS = {
    "this": "#0b6e4f",
    "this without a tach": "#73c2a5",
    "fixed duty": "#b0413e",
    "simple-pid": "#3d5a98",
}


def draw(path: Path, traces: Mapping[str, Trace]) -> None:
    """Speed, duty and load over time into the image `path`."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (speed, duty, load) = plt.subplots(
        3, 1, sharex=True, figsize=(12, 8), height_ratios=(5, 2, 1), layout="constrained"
    )
    for name, trace in traces.items():
        width = 1.8 if name == "this" else 1.0
        speed.plot(trace.t_s, trace.turn_rpm, color=_COLOURS[name], lw=width, label=name)
        percent = [permille / 10 for permille in trace.permille]
        duty.plot(trace.t_s, percent, color=_COLOURS[name], lw=width)
    first = next(iter(traces.values()))
    speed.plot(first.t_s, first.set_rpm, color="black", lw=0.8, ls="--", label="set-point")
    speed.set_ylabel("mean of a turn, rpm")
    speed.legend(loc="lower center", ncols=5, frameon=False)
    speed.set_title("The nominal plant: start under load, load off, on, off, level change, sags")
    duty.set_ylabel("duty, %")
    load.fill_between(first.t_s, first.load, step="post", color="#888888", label="load")
    load.set_ylabel("feet, share")
    supply = load.twinx()
    supply.plot(first.t_s, first.supply_v, color="#c98a00", lw=0.8)
    supply.set_ylabel("supply, V")
    load.set_xlabel("time, s")
    figure.savefig(path, dpi=110)
    plt.close(figure)
