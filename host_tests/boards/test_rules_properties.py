"""No pin map that the checker lets through breaks a rule, and it refuses none that is right.

The rules stand here a second time, as lists of what is forbidden copied from the chips'
documentation, and are applied to random boards by brute force.
"""

import copy
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from massager_tools.boards import board_names, check, load_board

BOARDS = {name: load_board(name) for name in board_names()}
ABSENT_PINS = {
    "esp32": {20, 24, 28, 29, 30, 31, *range(40, 60)},
    "esp32s3": {22, 23, 24, 25, *range(49, 60)},
    "esp32c3": set(range(22, 60)),
    "esp32c6": set(range(31, 60)),
}
FLASH_PINS = {
    "esp32": {6, 7, 8, 9, 10, 11},
    "esp32s3": {26, 27, 28, 29, 30, 31, 32},
    "esp32c3": {11, 12, 13, 14, 15, 16, 17},
    "esp32c6": {24, 25, 26, 27, 28, 29, 30},
}
PSRAM_PINS = {("esp32", "quad"): {16, 17}, ("esp32s3", "octal"): {33, 34, 35, 36, 37}}
PSRAM_KINDS = {
    "esp32": {None, "none", "quad"},
    "esp32s3": {None, "none", "quad", "octal"},
    "esp32c3": {None, "none"},
    "esp32c6": {None, "none"},
}
STRAPPING_PINS = {
    "esp32": {0, 2, 5, 12, 15},
    "esp32s3": {0, 3, 45, 46},
    "esp32c3": {2, 8, 9},
    "esp32c6": {4, 5, 8, 9, 15},
}
ADC1_PINS = {
    "esp32": {32, 33, 34, 35, 36, 37, 38, 39},
    "esp32s3": {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
    "esp32c3": {0, 1, 2, 3, 4},
    "esp32c6": {0, 1, 2, 3, 4, 5, 6},
}
INPUT_ONLY_PINS = {"esp32": {34, 35, 36, 37, 38, 39}}
USB_PINS = {"esp32s3": {19, 20}, "esp32c3": {18, 19}, "esp32c6": {12, 13}}
UART_PINS = {"esp32": {1, 3}, "esp32s3": {43, 44}, "esp32c3": {20, 21}, "esp32c6": {16, 17}}
GLITCH_PINS = {
    "esp32": {0, 1, 3, 5, 13, 14, 15},
    "esp32s3": {0, 18, 19, 20, 43, 44},
    "esp32c3": {6, 9, 18, 19, 20, 21},
    "esp32c6": {6, 9, 13, 16, 17, 18, 19, 20, 21, 22, 23},
}


def breaks_a_rule(board: dict[str, Any]) -> bool:
    """The rules of the boards' README, said in the plainest way."""
    chip, roles, psram = board["chip"], board["roles"], board.get("psram")
    pins = [spec["pin"] for spec in roles.values()]
    chambers = sorted(role for role in roles if role.startswith("chamber_"))
    needed = {"heater_enable", "heater_pwm", "pad_temp_a", "pad_temp_b", "pump", "pressure"}
    needed |= {"motor", "button_power", "button_up", "button_down", "chamber_1", "chamber_2"}
    if len(set(pins)) < len(pins) or not needed <= set(roles):
        return True
    if chambers != ["chamber_1", "chamber_2", "chamber_3", "chamber_4"][: len(chambers)]:
        return True
    if roles["heater_enable"]["safe"] or roles["heater_pwm"]["safe"]:
        return True
    if psram not in PSRAM_KINDS[chip]:
        return True
    return any(pin_is_wrong(chip, psram, role, spec) for role, spec in roles.items())


def pin_is_wrong(chip: str, psram: str | None, role: str, spec: dict[str, Any]) -> bool:
    pin = spec["pin"]
    heat = role in ("heater_enable", "heater_pwm", "heartbeat")
    excused = "accept" in spec and not heat
    if pin in ABSENT_PINS[chip] or pin in FLASH_PINS[chip] or pin in USB_PINS.get(chip, set()):
        return True
    if pin in PSRAM_PINS.get((chip, psram or ""), set()):
        return True
    if "attenuation_db" in spec and pin not in ADC1_PINS[chip]:
        return True
    if "safe" in spec and pin in INPUT_ONLY_PINS.get(chip, set()):
        return True
    if chip == "esp32" and pin in UART_PINS[chip]:
        return True
    pulled_up = role.startswith("button") or role == "tach"
    driven = heat or role in ("pump", "motor")
    return not excused and (
        pin in STRAPPING_PINS[chip]
        or pin in UART_PINS[chip]
        or (pulled_up and pin in INPUT_ONLY_PINS.get(chip, set()))
        or (driven and pin in GLITCH_PINS[chip])
    )


@st.composite
def random_boards(draw: st.DrawFn) -> dict[str, Any]:
    """A shipped board with a few roles moved, swapped, excused, inverted or dropped."""
    board = copy.deepcopy(BOARDS[draw(st.sampled_from(sorted(BOARDS)))])
    roles = board["roles"]
    for role in draw(st.lists(st.sampled_from(sorted(roles)), max_size=4)):
        if role not in roles:
            continue
        spec = roles[role]
        match draw(st.sampled_from(["move", "move", "move", "swap", "excuse", "flip", "drop"])):
            case "move":
                spec["pin"] = draw(st.integers(0, 59))
            case "swap":
                other = roles[draw(st.sampled_from(sorted(roles)))]
                spec["pin"], other["pin"] = other["pin"], spec["pin"]
            case "excuse" if not spec.pop("accept", None):
                spec["accept"] = "for the test"
            case "flip" if "safe" in spec:
                spec["safe"] = 1
            case "drop":
                del roles[role]
    if draw(st.booleans()):
        board["psram"] = draw(st.sampled_from(["none", "quad", "octal"]))
    return board


@given(random_boards())
def test_the_checker_and_the_plain_rules_agree(board: dict[str, Any]) -> None:
    errors = [str(finding) for finding in check(board) if finding.severity == "error"]
    event(f"accepted: {not errors}")
    assert breaks_a_rule(board) == bool(errors), errors


@given(random_boards())
def test_suggested_pins_cure_the_finding(board: dict[str, Any]) -> None:
    for finding in check(board):
        for pin in finding.try_pins:
            cured = copy.deepcopy(board)
            if finding.role in cured["roles"]:
                cured["roles"][finding.role]["pin"] = pin
                left = [(f.rule, f.severity) for f in check(cured) if f.role == finding.role]
                assert (finding.rule, finding.severity) not in left
