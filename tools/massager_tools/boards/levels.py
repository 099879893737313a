"""Check that the sensors' voltages fit the calibrated range of the chip's ADC."""

from collections.abc import Iterator
from typing import Any

from massager_tools.boards.chips import Chip
from massager_tools.boards.finding import Finding
from massager_tools.boards.limits import limit
from massager_tools.boards.ntc_table import pin_uv, sense

SUPPLY_MAX_MV = 15_000  # a 12 V lead-acid battery on its charger reaches 14.4 V
RAIL_SPAN_MV = (3_000, 3_600)  # what a 3.3 V regulator and the chip allow


def sensor_levels(board: dict[str, Any], chip: Chip) -> Iterator[Finding]:
    """Yield one finding for each analog role whose voltages leave the calibrated range."""
    for role, spec in board["roles"].items():
        if role not in _SPANS:
            continue
        rule, span, cure = _SPANS[role]
        low_mv, high_mv, what = span(board, spec)
        allowed_low_mv, allowed_high_mv = chip.adc_range_mv[spec["attenuation_db"]]
        if low_mv < allowed_low_mv or high_mv > allowed_high_mv:
            yield Finding(
                "error",
                rule,
                role,
                spec["pin"],
                f"{what} is {low_mv:.0f} to {high_mv:.0f} mV at the pin, and at "
                f"{spec['attenuation_db']} dB this chip is calibrated from {allowed_low_mv} to "
                f"{allowed_high_mv} mV: {cure}",
            )


def _ntc_span(board: dict[str, Any], spec: dict[str, Any]) -> tuple[float, float, str]:
    low_c, high_c = limit("NTC_MIN_MC") / 1000, limit("NTC_MAX_MC") / 1000
    ntc = board["ntc"]
    what = f"{low_c:.0f} to {high_c:.0f} °C"
    ends_mv = [pin_uv(ntc, temp_c, sense(spec)) / 1000 for temp_c in (low_c, high_c)]
    return min(ends_mv), max(ends_mv), what


def _pressure_span(board: dict[str, Any], _spec: object) -> tuple[float, float, str]:
    low_pa, high_pa = limit("PRESSURE_VALID_MIN_PA"), limit("PRESSURE_VALID_MAX_PA")
    sensor = board["pressure_sensor"]
    low_mv, high_mv = (
        sensor["zero_mv"] + pa * sensor["uv_per_kpa"] / 1_000_000 for pa in (low_pa, high_pa)
    )
    return low_mv, high_mv, f"{low_pa} to {high_pa} Pa"


def _supply_span(board: dict[str, Any], _spec: object) -> tuple[float, float, str]:
    low_mv, high_mv = limit("SUPPLY_MIN_MV"), SUPPLY_MAX_MV
    return _divided(board["supply_divider"], low_mv, high_mv)


def _rail_span(board: dict[str, Any], _spec: object) -> tuple[float, float, str]:
    return _divided(board["rail_divider"], *RAIL_SPAN_MV)


def _divided(divider: dict[str, Any], low_mv: int, high_mv: int) -> tuple[float, float, str]:
    share = divider["permille"] / 1000
    return low_mv * share, high_mv * share, f"{low_mv / 1000:g} to {high_mv / 1000:g} V"


_NTC_CURE = (
    "readings near the end would be wrong; another pull_up_ohm, pull_down_ohm or attenuation_db"
)
_SPANS = {
    "pad_temp_a": ("ntc-range", _ntc_span, _NTC_CURE),
    "pad_temp_b": ("ntc-range", _ntc_span, _NTC_CURE),
    "pressure": (
        "pressure-range",
        _pressure_span,
        "over-pressure or a broken wire would not show; another divider or attenuation_db",
    ),
    "supply": ("supply-range", _supply_span, "another supply_divider or attenuation_db"),
    "rail": ("rail-range", _rail_span, "another rail_divider or attenuation_db"),
}
