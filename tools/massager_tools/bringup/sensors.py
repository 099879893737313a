"""Check every sensor with all outputs off, and learn the zeros."""

from collections.abc import Iterator
from typing import Any

from massager_tools.boards.chips import CHIPS
from massager_tools.boards.levels import RAIL_SPAN_MV, SUPPLY_MAX_MV
from massager_tools.boards.limits import limit
from massager_tools.boards.ntc_table import TO_RAIL, pin_uv, sense
from massager_tools.bringup.bench import Seen
from massager_tools.bringup.runner import Run, Trouble

ROOM_C = (10.0, 35.0)  # where anybody builds
PADS = {"pad_temp_a": "pad_a", "pad_temp_b": "pad_b"}
PADS_APART_MC = 5_000  # more than two 1 % parts on one cold pad could differ
NOTHING_UV = 60_000  # no signal, where the chip's ADC has no floor above it


def at_rest(run: Run) -> Iterator[Trouble]:
    """Read all sensors with all outputs off; learn the zeros where all is right."""
    thermometer_c = run.operator.thermometer()
    seen = run.bench.look()
    found = [*_analog(run, seen), *_digital(run, seen)]
    yield from found
    if not found:
        yield from _learn(run, seen, thermometer_c)


def windows(board: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return role → lowest and highest voltage at its pin, µV, with all outputs off."""
    sensor = board["pressure_sensor"]
    slack_uv = limit("PRESSURE_ZERO_PA") * sensor["uv_per_kpa"] / 1000
    zero_uv = sensor["zero_mv"] * 1000
    spans = {
        "pressure": (zero_uv - slack_uv, zero_uv + slack_uv),
        "supply": _divided(board["supply_divider"], limit("SUPPLY_MIN_MV"), SUPPLY_MAX_MV),
        "rail": _divided(board["rail_divider"], *RAIL_SPAN_MV),
    }
    for role in PADS:
        ntc_to = sense(board["roles"][role])
        ends_uv = [pin_uv(board["ntc"], temp_c, ntc_to) for temp_c in ROOM_C]
        spans[role] = (min(ends_uv), max(ends_uv))
    return {role: span for role, span in spans.items() if role in board["roles"]}


def _divided(divider: dict[str, int], low_mv: int, high_mv: int) -> tuple[float, float]:
    return low_mv * divider["permille"], high_mv * divider["permille"]


def _analog(run: Run, seen: Seen) -> Iterator[Trouble]:
    spans = windows(run.board)
    for role, (low_uv, high_uv) in spans.items():
        uv = seen.before[f"{PADS.get(role, role)}_uv"]
        if low_uv <= uv <= high_uv:
            continue
        alike = [
            f"{name} (pin {run.pin(name)})"
            for name, (low, high) in spans.items()
            if name != role and name not in _same(run, role) and low <= uv <= high
        ]
        right = f"{uv / 1e6:.2f} V where {low_uv / 1e6:.2f} to {high_uv / 1e6:.2f} V are right"
        text = f"{right}: {_cause(run, role, uv < low_uv, uv <= _floor_uv(run, role))}"
        if alike:
            text += f"; or its wire is swapped with {' or '.join(alike)}, which should read so"
        yield run.trouble(role, text)


def _floor_uv(run: Run, role: str) -> int:
    """Return the highest reading of the chip's ADC without any voltage, µV."""
    ranges = CHIPS[run.board["chip"]].adc_range_mv
    return max(NOTHING_UV, ranges[run.roles[role]["attenuation_db"]][0] * 1000)


def _same(run: Run, role: str) -> tuple[str, ...]:
    """Return the roles that have the same reading as `role`."""
    alike = len({sense(run.roles[pad]) for pad in PADS}) == 1
    return tuple(PADS) if role in PADS and alike else (role,)


def _cause(run: Run, role: str, low: bool, nothing: bool) -> str:
    if role in PADS and sense(run.roles[role]) == TO_RAIL:
        if nothing:
            return "the thermistor is open: a broken wire, or it hangs on another pin"
        if low:
            return "too cold for a room: is it a 10 kΩ NTC, and is it wired to the rail?"
        return "too warm for a room, or the thermistor is shorted: is the pad cold?"
    if role in PADS:
        if nothing:
            return "the thermistor is shorted, or its pull-up is missing"
        if low:
            return "too warm for a room: is the pad cold, and is it a 10 kΩ NTC?"
        return "the thermistor is open: a broken wire, or it hangs on another pin"
    if role == "pressure":
        if nothing:
            return "no signal: is the sensor on 5 V, and its output on this pin?"
        if low:
            return "below its zero: another sensor than the board file says?"
        return "above its zero: is its divider there, and is the wrap empty?"
    if role == "supply":
        if nothing:
            return "no 12 V: is the supply plugged in, is the fuse whole?"
        return "not 12 V: check the supply, then the divider"
    return "check the divider from 3.3 V"


def _digital(run: Run, seen: Seen) -> Iterator[Trouble]:
    if "heater_sense" in run.roles and seen.live_before_permille:
        yield run.trouble(
            "heater_sense",
            "the heater's node is live with both switches off: the high side (heater_enable, "
            f"pin {run.pin('heater_enable')}) conducts by itself, or this wire hangs elsewhere",
        )
    if "tach" in run.roles and seen.edges_before:
        yield run.trouble("tach", "counts although the motor is off: does the motor turn?")


def _learn(run: Run, seen: Seen, thermometer_c: float | None) -> Iterator[Trouble]:
    readings = {role: seen.before[f"{role}_mc"] for role in PADS}
    a_mc, b_mc = readings.values()
    if abs(a_mc - b_mc) > PADS_APART_MC:
        yield run.trouble(
            "pad_temp_b",
            f"{b_mc / 1000:.1f} °C, and pad_temp_a {a_mc / 1000:.1f} °C: one of the two is not "
            "on the pad, or not the same kind of NTC",
        )
        return
    true_mc = (a_mc + b_mc) // 2 if thermometer_c is None else round(thermometer_c * 1000)
    for role, reading_mc in readings.items():
        offset_mc = true_mc - reading_mc
        if abs(offset_mc) > limit("CALIBRATION_MAX_MC"):
            yield run.trouble(
                role,
                f"{reading_mc / 1000:.1f} °C, and the thermometer {thermometer_c:.1f} °C: check "
                "ohm_at_25c, beta_k and pull_up_ohm in the board file, and let the pad cool",
            )
        run.calibration[f"{PADS[role]}_offset_mc"] = offset_mc
    zero_uv = run.board["pressure_sensor"]["zero_mv"] * 1000
    run.calibration["pressure_offset_uv"] = seen.before["pressure_uv"] - zero_uv
