"""Heat: either switch alone gives none, both together warm both thermistors by one degree."""

from collections.abc import Iterator
from dataclasses import dataclass

from massager_tools.boards.limits import limit
from massager_tools.bringup.bench import Seen
from massager_tools.bringup.runner import Trouble, Walk

ALONE_SLICES = 6  # 12 s: what a 12 W pad needs to show, through the thermistors' lag
TOGETHER_SLICES = 30  # a minute
ALONE_RISE_MC = 250
WARM_MC = 1_000
NOISE_MC = 300  # a thermistor below this, or a third of the other, is not on the pad
LIVE_PERMILLE = 500
PADS = ("pad_temp_a", "pad_temp_b")


@dataclass
class _Warming:
    """What a run of slices did to the two thermistors, and to the node between the switches."""

    rises_mc: tuple[int, int]
    live_permille: int
    ended: str | None


def heater(walk: Walk) -> Iterator[Trouble]:
    """High side alone, low side alone, then both."""
    duty = limit("BRINGUP_HEAT_PERMILLE")
    has_sense = "heater_sense" in walk.roles
    walk.person.about_to("heater_enable alone for 12 s: nothing may get warm")
    high = _warm(walk, ALONE_SLICES, heater_enable=True)
    walk.person.about_to("heater_pwm alone for 12 s: nothing may get warm")
    low = _warm(walk, ALONE_SLICES, heater_permille=duty)
    if has_sense and high.live_permille < LIVE_PERMILLE < low.live_permille:
        swap = f"heater_enable's wire is on heater_pwm's pin ({walk.pin('heater_pwm')}): swap them"
        yield walk.trouble("heater_enable", f"works the low side: {swap}")
        return
    if max(high.rises_mc) > ALONE_RISE_MC:
        yield walk.trouble(
            "heater_pwm",
            "the pad warms with the high side alone: the low-side switch conducts by itself "
            "(shorted MOSFET, gate without pull-down, or the pad goes straight to ground)",
        )
    if max(low.rises_mc) > ALONE_RISE_MC:
        yield walk.trouble(
            "heater_enable",
            "the pad warms with the low side alone: the high-side switch conducts by itself "
            "(shorted MOSFET, missing pull-up on its gate, or the pad goes straight to 12 V)",
        )
    if max(*high.rises_mc, *low.rises_mc) > ALONE_RISE_MC:
        return  # a heater that one switch cannot stop is not switched on with both
    walk.person.about_to("both switches at 60 % power, until the pad is 1 °C warmer")
    both = _warm(walk, TOGETHER_SLICES, heater_enable=True, heater_permille=duty)
    felt_mc = max(NOISE_MC, max(both.rises_mc) // 3)
    cold = [role for role, rise in zip(PADS, both.rises_mc, strict=True) if rise < felt_mc]
    if len(cold) == len(PADS):
        yield _no_heat(walk, high, has_sense)
    elif cold:
        yield walk.trouble(cold[0], "stays cold while the other warms: it is not on the pad")
    elif min(both.rises_mc) < WARM_MC:
        slow_c = min(both.rises_mc) / 1000
        text = f"warms by {slow_c:.1f} °C in a minute only: a weak pad, or a loose thermistor"
        yield walk.trouble(PADS[both.rises_mc.index(min(both.rises_mc))], text)
    elif has_sense and high.live_permille < LIVE_PERMILLE:
        text = "the pad heats and its node never reads live: check this wire and its divider"
        yield walk.trouble("heater_sense", text)


def _no_heat(walk: Walk, high: _Warming, has_sense: bool) -> Trouble:
    if has_sense and high.live_permille >= LIVE_PERMILLE:
        text = "no heat, and 12 V reach the pad: the low side does not switch; check its gate"
        return walk.trouble("heater_pwm", text)
    beat = ", and the heartbeat's monostable" if "heartbeat" in walk.roles else ""
    where = "no 12 V behind the pad" if has_sense else "no way to see which"
    return walk.trouble(
        "heater_enable",
        f"no heat, {where}: check the pad's fuse, the thermal cut-off, the pad's plug, both "
        f"gates' wires{beat}",
    )


def _warm(walk: Walk, slices: int, **outputs: int | bool) -> _Warming:
    """Slices of heat until both thermistors are WARM_MC warmer; between two nothing is on."""
    start: Seen | None = None
    live = 0
    rises_mc = (0, 0)
    for count in range(1, slices + 1):
        seen = walk.bench.drive(limit("BRINGUP_MS"), **outputs)
        start = start or seen
        live += seen.live_permille
        rises_mc = (
            seen.after["pad_temp_a_mc"] - start.before["pad_temp_a_mc"],
            seen.after["pad_temp_b_mc"] - start.before["pad_temp_b_mc"],
        )
        if seen.ended or min(rises_mc) >= WARM_MC:
            return _Warming(rises_mc, live // count, seen.ended)
    return _Warming(rises_mc, live // slices, None)
