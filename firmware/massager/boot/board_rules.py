"""The board's rules in short form, checked on the chip itself.

`massager boards check` has them all, with reasons; here is what would energise the wrong
thing or nothing at all: roles that are missing, pins given twice, pins that a role must
not have, a heater that is on when its gate floats, a board for another chip.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NEEDED = (
    "heater_enable",
    "heater_pwm",
    "pad_temp_a",
    "pad_temp_b",
    "pump",
    "pressure",
    "motor",
    "chamber_1",
    "chamber_2",
    "button_power",
    "button_up",
    "button_down",
)
_HEATER = ("heater_enable", "heater_pwm")

# chip: pins of flash, USB and the only console; those that decide how it starts; inputs only
_PINS = {
    "esp32": (
        (1, 3, 6, 7, 8, 9, 10, 11),
        (0, 2, 5, 12, 15),
        (34, 35, 36, 37, 38, 39),
    ),
    "esp32s3": ((19, 20, 26, 27, 28, 29, 30, 31, 32), (0, 3, 45, 46), ()),
    "esp32c3": ((11, 12, 13, 14, 15, 16, 17, 18, 19), (2, 8, 9), ()),
    "esp32c6": ((12, 13, 24, 25, 26, 27, 28, 29, 30), (4, 5, 8, 9, 15), ()),
}


def require(board: "dict[str, Any]", running_on: "str | None") -> None:
    """Raise ValueError, one line, where the board breaks a rule: nothing may be energised."""
    broken = first_broken(board, running_on)
    if broken:
        raise ValueError("board " + board["name"] + ": " + broken)


def first_broken(board: "dict[str, Any]", running_on: "str | None") -> str:
    """Return the first rule that `board` breaks, or "". `running_on`: a chip, or None."""
    chip: str = board["chip"]
    if running_on is not None and running_on != chip:
        return "made for " + chip + ", and this is an " + running_on
    roles: dict[str, Any] = board["roles"]
    for role in _NEEDED:
        if role not in roles:
            return role + " is missing"
    never, strapping, input_only = _PINS[chip]
    users: dict[int, str] = {}
    for role in roles:
        data = roles[role]
        pin = data["pin"]
        if pin in users:
            return role + " and " + users[pin] + " are on the same pin"
        users[pin] = role
        if pin in never or ("safe" in data and pin in input_only):
            return role + " is on a pin that it must not have"
    for role in _HEATER:
        if roles[role]["pin"] in strapping:
            return role + " is on a pin that it must not have"
        if roles[role]["safe"] != 0:
            return role + " would heat while the chip starts"
    return ""
