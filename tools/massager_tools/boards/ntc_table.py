"""Calculate NTC resistance, temperature and divider voltage, and the table for the chip.

A board describes its NTC by resistance at 25 °C and B value, or by points of the maker's
table. Both say that ln R is linear in 1/T: the B value everywhere, a table between each two
of its points (and on beyond the outermost).

There are two dividers. TO_GROUND: `pull_up_ohm` from the rail to the pin, the NTC from the pin
to ground. TO_RAIL: the NTC from the rail to the pin, `pull_down_ohm` from the pin to ground. An
error of voltage moves their readings in opposite directions.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

ZERO_C_K = 273.15
TO_GROUND = "ground"
TO_RAIL = "rail"
NTC_STEP_SHIFT = 13  # one entry of the table every 2**13 µV; the firmware looks up with it
TABLE_MIN_MC = -40_000  # a cut wire reads this …
TABLE_MAX_MC = 130_000  # … and a short this: far outside what is taken for a temperature
TABLE_STEP_MC = 4  # fine enough, and an entry fits two bytes


def ohm_at(ntc: Mapping[str, Any], temp_c: float) -> float:
    """Return the resistance of the NTC, Ω, at `temp_c`."""
    warmth = [point[0] for point in _points(ntc)]
    (inverse_k, log_ohm), slope = _segment(ntc, bisect_left(warmth, temp_c))
    return math.exp(log_ohm + (1 / (temp_c + ZERO_C_K) - inverse_k) / slope)


def temp_c_at(ntc: Mapping[str, Any], ohm: float) -> float:
    """Return the temperature of the NTC, °C, at `ohm` (> 0)."""
    falling = [-point[1] for point in _points(ntc)]
    (inverse_k, log_ohm), slope = _segment(ntc, bisect_left(falling, -ohm))
    inverse_k += (math.log(ohm) - log_ohm) * slope
    # a resistance beyond any the curve can describe: hotter than all
    return 1 / inverse_k - ZERO_C_K if inverse_k > 0 else math.inf


def sense(spec: Mapping[str, Any]) -> str:
    """Return where the NTC of a pad role goes, TO_GROUND or TO_RAIL."""
    where: str = spec.get("ntc_to", TO_GROUND)
    return where


def fixed_ohm(ntc: Mapping[str, Any], ntc_to: str = TO_GROUND) -> int:
    """Return the other resistor of the divider, Ω."""
    ohm: int = ntc["pull_down_ohm" if ntc_to == TO_RAIL else "pull_up_ohm"]
    return ohm


def pin_uv(ntc: Mapping[str, Any], temp_c: float, ntc_to: str = TO_GROUND) -> float:
    """Return the voltage at the pin, µV, with the NTC at `temp_c`."""
    ohm = ohm_at(ntc, temp_c)
    fixed = fixed_ohm(ntc, ntc_to)
    low = fixed if ntc_to == TO_RAIL else ohm
    rail_uv: float = ntc["rail_mv"] * 1000
    return rail_uv * low / (fixed + ohm)


def ntc_table(ntc: Mapping[str, Any], ntc_to: str = TO_GROUND) -> bytes:
    """Return `ntc_curve` as bytes for the chip: two an entry, the lower first.

    An entry counts steps of TABLE_STEP_MC above TABLE_MIN_MC.
    """
    return b"".join(
        ((mc - TABLE_MIN_MC) // TABLE_STEP_MC).to_bytes(2, "little")
        for mc in ntc_curve(ntc, ntc_to)
    )


def ntc_curve(ntc: Mapping[str, Any], ntc_to: str = TO_GROUND) -> tuple[int, ...]:
    """Return the temperature, m°C, for each multiple of 2**NTC_STEP_SHIFT µV up to the rail.

    Falls from TABLE_MAX_MC to TABLE_MIN_MC, or rises with the NTC to the rail; clamped to both.
    """
    rail_uv = ntc["rail_mv"] * 1000
    entries = math.ceil(rail_uv / (1 << NTC_STEP_SHIFT)) + 1
    fixed = fixed_ohm(ntc, ntc_to)
    across_ntc = (index << NTC_STEP_SHIFT for index in range(entries))
    if ntc_to == TO_RAIL:
        across_ntc = (rail_uv - uv for uv in across_ntc)
    return tuple(_table_mc(ntc, fixed, uv, rail_uv) for uv in across_ntc)


def _table_mc(ntc: Mapping[str, Any], fixed: int, uv: int, rail_uv: int) -> int:
    """Return the temperature, m°C, with `uv` of the rail across the NTC."""
    if uv <= 0:
        return TABLE_MAX_MC
    if uv >= rail_uv:
        return TABLE_MIN_MC
    temp_c = temp_c_at(ntc, fixed * uv / (rail_uv - uv))
    return round(min(max(temp_c * 1000, TABLE_MIN_MC), TABLE_MAX_MC))


def _points(ntc: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    """Return the (°C, Ω) points of the NTC; a B value gives two of them."""
    if "points" in ntc:
        points: tuple[tuple[float, float], ...] = ntc["points"]
        return points
    warm_c, hot_c = 25.0, 125.0  # any second temperature gives the same line
    fall = math.exp(ntc["beta_k"] * (1 / (hot_c + ZERO_C_K) - 1 / (warm_c + ZERO_C_K)))
    return (warm_c, ntc["ohm_at_25c"]), (hot_c, ntc["ohm_at_25c"] * fall)


def _segment(ntc: Mapping[str, Any], index: int) -> tuple[tuple[float, float], float]:
    """Return the line 1/T over ln R around point `index`: one of its points, and its slope."""
    points = _points(ntc)
    upper = min(max(index, 1), len(points) - 1)
    (cold_c, cold_ohm), (hot_c, hot_ohm) = points[upper - 1], points[upper]
    cold = 1 / (cold_c + ZERO_C_K)
    slope = (1 / (hot_c + ZERO_C_K) - cold) / math.log(hot_ohm / cold_ohm)
    return (cold, math.log(cold_ohm)), slope
