"""Check the heater: either switch alone gives no heat, both warm both thermistors by 1 °C."""

from collections.abc import Iterator
from dataclasses import dataclass

from massager_tools.boards.limits import limit
from massager_tools.bringup.bench import Seen
from massager_tools.bringup.runner import Run, Trouble

ALONE_SLICES = 6  # 12 s: what a 12 W pad needs to show, through the thermistors' lag
TOGETHER_SLICES = 30  # a minute
BEND_SLICES = limit("PAD_BEND_MS") // limit("BRINGUP_MS")
ALONE_RISE_MC = 250
WARM_MC = 1_000
NOISE_MC = 300  # a thermistor below this, or a third of the other, is not on the pad
LIVE_PERMILLE = 500
CUT_OFF = (
    "The thermal cut-off covers what no program can see: prove it once, by "
    "boards/BUILDING.md#prove-the-thermal-cut-off. It must open the pad at 50 to 52 °C."
)
PADS = ("pad_temp_a", "pad_temp_b")


@dataclass
class _Warming:
    """Rise of the two thermistors, and state of the node between the switches, in one drive."""

    rises_mc: tuple[int, int]
    live_permille: int
    bent_mc: int  # rise of the hotter one in the first BEND_SLICES
    ended: str | None


def heater(run: Run) -> Iterator[Trouble]:
    """Drive the high side alone, the low side alone, then both."""
    run.operator.prepare(CUT_OFF)
    duty = limit("BRINGUP_HEAT_PERMILLE")
    has_sense = "heater_sense" in run.roles
    run.operator.about_to("heater_enable alone for 12 s: nothing may get warm")
    high = _warm(run, ALONE_SLICES, heater_enable=True)
    run.operator.about_to("heater_pwm alone for 12 s: nothing may get warm")
    low = _warm(run, ALONE_SLICES, heater_permille=duty)
    if has_sense and high.live_permille < LIVE_PERMILLE < low.live_permille:
        swap = f"heater_enable's wire is on heater_pwm's pin ({run.pin('heater_pwm')}): swap them"
        yield run.trouble("heater_enable", f"works the low side: {swap}")
        return
    if max(high.rises_mc) > ALONE_RISE_MC:
        yield run.trouble(
            "heater_pwm",
            "the pad warms with the high side alone: the low-side switch conducts by itself "
            "(shorted MOSFET, gate without pull-down, or the pad goes straight to ground)",
        )
    if max(low.rises_mc) > ALONE_RISE_MC:
        yield run.trouble(
            "heater_enable",
            "the pad warms with the low side alone: the high-side switch conducts by itself "
            "(shorted MOSFET, missing pull-up on its gate, or the pad goes straight to 12 V)",
        )
    if max(*high.rises_mc, *low.rises_mc) > ALONE_RISE_MC:
        return  # a heater that one switch cannot stop is not switched on with both
    run.operator.about_to("both switches at 60 % power, until the pad is 1 °C warmer")
    both = _warm(run, TOGETHER_SLICES, BEND_SLICES, heater_enable=True, heater_permille=duty)
    felt_mc = max(NOISE_MC, max(both.rises_mc) // 3)
    cold = [role for role, rise in zip(PADS, both.rises_mc, strict=True) if rise < felt_mc]
    if len(cold) == len(PADS):
        yield _no_heat(run, high, has_sense)
    elif cold:
        yield run.trouble(cold[0], "stays cold while the other warms: it is not on the pad")
    elif min(both.rises_mc) < WARM_MC:
        slow_c = min(both.rises_mc) / 1000
        text = f"warms by {slow_c:.1f} °C in a minute only: a weak pad, or a loose thermistor"
        yield run.trouble(PADS[both.rises_mc.index(min(both.rises_mc))], text)
    elif has_sense and high.live_permille < LIVE_PERMILLE:
        text = "the pad heats and its node never reads live: check this wire and its divider"
        yield run.trouble("heater_sense", text)
    elif both.ended:
        text = "too warm to learn what power does to it: let it cool below 34 °C, then again"
        yield run.trouble("heater_pwm", text)
    else:
        run.calibration["pad_bend_mc"] = both.bent_mc * 1_000 // duty


def _no_heat(run: Run, high: _Warming, has_sense: bool) -> Trouble:
    if has_sense and high.live_permille >= LIVE_PERMILLE:
        text = "no heat, and 12 V reach the pad: the low side does not switch; check its gate"
        return run.trouble("heater_pwm", text)
    beat = ", and the heartbeat's charge pump" if "heartbeat" in run.roles else ""
    where = "no 12 V behind the pad" if has_sense else "no way to see which"
    return run.trouble(
        "heater_enable",
        f"no heat, {where}: check the pad's fuse, the thermal cut-off, the pad's plug, both "
        f"gates' wires{beat}",
    )


def _warm(run: Run, slices: int, least: int = 1, **outputs: int | bool) -> _Warming:
    """Drive in slices until both thermistors are WARM_MC warmer; outputs are off in between.

    `least` slices are driven however warm the pad gets.
    """
    start: Seen | None = None
    live = 0
    rises_mc = (0, 0)
    bent_mc = 0
    for count in range(1, slices + 1):
        seen = run.bench.drive(limit("BRINGUP_MS"), **outputs)
        start = start or seen
        live += seen.live_permille
        rises_mc = (
            seen.after["pad_temp_a_mc"] - start.before["pad_temp_a_mc"],
            seen.after["pad_temp_b_mc"] - start.before["pad_temp_b_mc"],
        )
        if count <= BEND_SLICES:
            bent_mc = max(rises_mc)
        if seen.ended or (count >= least and min(rises_mc) >= WARM_MC):
            return _Warming(rises_mc, live // count, bent_mc, seen.ended)
    return _Warming(rises_mc, live // slices, bent_mc, None)
