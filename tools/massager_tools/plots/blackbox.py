"""Draw a recording of the black box: temperatures, pressure and drives up to the trip."""

from pathlib import Path

from matplotlib.figure import Figure

from massager_tools.device_data.blackbox import Recording
from massager_tools.firmware_tables import fault_name
from massager_tools.plots.style import BLACK, BLUE, GREEN, GREY, SKY, VERMILLION
from massager_tools.units import PA_PER_MMHG

_BROKEN_C = (-5.0, 75.0)  # beyond these the wire is broken, not the pad warm


def draw(recording: Recording, path: Path) -> None:
    """Draw three panes over the same 30 s; a line marks the trip."""
    rows = recording.rows
    seconds = [row.t_s for row in rows]
    figure = Figure(figsize=(11, 7), layout="constrained")
    heat, air, drives = figure.subplots(3, 1, sharex=True)
    heat.plot(seconds, [row.pad_a_c for row in rows], color=VERMILLION, label="pad A")
    heat.plot(seconds, [row.pad_b_c for row in rows], color=BLUE, label="pad B")
    low, high = heat.get_ylim()
    heat.set_ylim(max(low, _BROKEN_C[0]), min(high, _BROKEN_C[1]))
    heat.set_ylabel("pad (°C)")
    pressures = [row.pressure_pa / PA_PER_MMHG for row in rows]
    air.plot(seconds, pressures, color=BLUE, label="pressure")
    air.set_ylabel("pressure (mmHg)")
    for label, colour, values in (
        ("heater", VERMILLION, [row.heater_permille / 10 for row in rows]),
        ("pump", SKY, [row.pump_permille / 10 for row in rows]),
        ("motor", GREEN, [row.motor_permille / 10 for row in rows]),
        ("chambers", GREY, [row.chambers.bit_count() * 10 for row in rows]),
    ):
        drives.step(seconds, values, where="post", color=colour, label=label)
    drives.set_ylabel("drive (%), chambers × 10")
    drives.set_ylim(-3, 125)
    drives.set_xlabel("time before the last row (s)")
    trip_s = recording.trip_s()
    for axes in (heat, air, drives):
        if trip_s is not None:
            axes.axvline(trip_s, color=BLACK, linewidth=1, linestyle=(0, (4, 2)))
        axes.legend(loc="upper left", ncols=4)
    heat.set_title(
        f"Black box: {recording.fault} {fault_name(recording.fault)}",
        loc="left",
        fontsize=14,
        fontweight="bold",
        color=BLACK,
    )
    figure.savefig(path)
