"""Convert the voltage of an NTC divider to the temperature of the pad, by table."""

from micropython import const

from massager.core import limits
from massager.core.units import clamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STEP_SHIFT = const(13)  # one table entry every 8.192 mV
_STEP_MASK = const((1 << 13) - 1)
_PIN_MAX_UV = const(4_000_000)  # above every chip's rail
_ENTRY_SHIFT = const(2)  # an entry counts 4 m°C …
_COLDEST_MC = const(-40_000)  # … above this
WHOLE = const(1_024)
_OFF_MAX = limits.RAIL_OFF_MAX_PERMILLE * WHOLE // 1000
BROKEN = const(0)  # scale of a rail voltage that no sound regulator gives


def ntc_table(board: "dict[str, Any]", role: str) -> bytes:
    """Return the table of a thermistor: NTC to ground, or to the rail where its role says so."""
    name = "ntc_rail_table" if board["roles"][role].get("ntc_to") == "rail" else "ntc_table"
    table: bytes = board[name]
    return table


class Thermistor:
    """One NTC: look its voltage up in a table and add its calibration.

    `table` holds two bytes an entry, the lower first: 4 m°C each above -40 °C, entry i at
    i * 8.192 mV; it falls with the NTC to ground and rises with the NTC to the rail (see
    `massager_tools.boards.ntc_table`). A cut wire reads its cold end, a short its hot end,
    both far outside the window of the guard.
    """

    def __init__(self, table: bytes, offset_mc: int = 0) -> None:
        self._table = table
        self._offset_mc = offset_mc
        self._last = (len(table) >> 1) - 2

    def temp_mc(self, pin_uv: int, scale: int = WHOLE) -> int:
        """Return the temperature in m°C for `pin_uv`.

        `scale` corrects the voltage for the rail, in 1/1024 (see `Rail`). BROKEN reads like
        a cut wire.
        """
        if scale == BROKEN:
            return _COLDEST_MC
        uv = clamp(pin_uv, 0, _PIN_MAX_UV)
        if scale != WHOLE:
            uv = (uv >> 4) * scale >> 6
        index = clamp(uv >> STEP_SHIFT, 0, self._last)
        table = self._table
        at = index << 1
        entry = table[at] | table[at + 1] << 8
        change = (table[at + 2] | table[at + 3] << 8) - entry
        fine_mc = change * (uv & _STEP_MASK) >> STEP_SHIFT - _ENTRY_SHIFT
        return _COLDEST_MC + (entry << _ENTRY_SHIFT) + fine_mc + self._offset_mc


class Rail:
    """The supply of the NTC dividers, where the board measures it: their voltages scale with it.

    `nominal_pin_uv` is the pin voltage of the rail divider at the nominal rail.
    """

    def __init__(self, nominal_pin_uv: int) -> None:
        self._nominal = nominal_pin_uv << 4

    def scale(self, pin_uv: int) -> int:
        """Return nominal rail / measured rail in 1/1024, or BROKEN when too far off."""
        scale = self._nominal // max(clamp(pin_uv, 0, _PIN_MAX_UV) >> 6, 1)
        return scale if -_OFF_MAX <= scale - WHOLE <= _OFF_MAX else BROKEN
