"""Keystrokes become presses: a tap, a key held down, a capital letter."""

import pytest

from massager.core import limits
from massager_tools.ui.keyboard import split_keys
from massager_tools.ui.keys import BUTTONS, HeldKeys, key_table

REPEAT_MS = 33


PRESS = {"do": "press", "button": "power"}
RELEASE = {"do": "release", "button": "power"}


def hold(keys: HeldKeys, key: str, delay_ms: int, length_ms: int) -> tuple[list[int], list[str]]:
    """When and what comes of a key held down: the terminal sends one stroke, then repeats."""
    strikes = {0, *range(delay_ms, length_ms, REPEAT_MS)}
    times_ms, moves = [], []
    for now_ms in range(0, length_ms + 3_000):
        events = keys.press_key(key, now_ms) if now_ms in strikes else []
        if now_ms % 100 == 0:
            events += keys.due_releases(now_ms)
        for event in events:
            times_ms.append(now_ms)
            moves.append(f"{event['do']} {event['button']}")
    return times_ms, moves


def test_tap_of_power_is_a_start() -> None:
    (down_ms, up_ms), moves = hold(HeldKeys(), "p", 500, 1)
    assert moves == ["press power", "release power"]
    assert limits.START_PRESS_MIN_MS < up_ms - down_ms < limits.START_PRESS_MAX_MS


@pytest.mark.parametrize("delay_ms", [400, 500, 660])
def test_key_held_through_the_usual_delay_is_one_press(delay_ms: int) -> None:
    (down_ms, up_ms), moves = hold(HeldKeys(), "p", delay_ms, 4_000)
    assert moves == ["press power", "release power"]
    assert limits.CLEAR_HOLD_MS < up_ms - down_ms < 4_300


def test_tap_of_up_is_let_go_before_the_firmware_repeats() -> None:
    (down_ms, up_ms), _ = hold(HeldKeys(), "u", 500, 1)
    assert up_ms - down_ms < 600


def test_faster_than_real_time_presses_carry_their_length() -> None:
    keys = HeldKeys(speed=50)
    assert keys.press_key("p", 0) == [PRESS | {"for_ms": BUTTONS["power"].tap_ms}]
    assert keys.press_key("p", 100) == []
    assert list(keys.held) == ["power"]
    assert keys.due_releases(BUTTONS["power"].tap_ms) == []
    assert list(keys.held) == []
    (press,) = keys.press_key("P", 10_000)
    assert press["for_ms"] > limits.CLEAR_HOLD_MS


def test_tap_does_not_cut_a_long_press_short() -> None:
    keys = HeldKeys()
    assert keys.press_key("P", 0) == [PRESS]
    assert keys.press_key("p", 100) == []
    assert keys.due_releases(limits.CLEAR_HOLD_MS + 100) == []
    assert keys.due_releases(BUTTONS["power"].hold_ms) == [RELEASE]


def test_two_buttons_at_once() -> None:
    keys = HeldKeys()
    keys.press_key("p", 0)
    keys.press_key("up", 0)
    assert keys.held == ("power", "up")
    assert [event["button"] for event in keys.due_releases(10_000)] == ["power", "up"]


def test_other_keys_press_nothing() -> None:
    keys = HeldKeys()
    for key in ("x", "escape", "1", "UP", "\n", ""):
        assert keys.press_key(key, 0) == []


def test_arrows_are_split_from_other_keys() -> None:
    assert split_keys("p\x1b[A\x1b[Bq\x1b") == ["p", "up", "down", "q", "escape"]
    assert split_keys("\x1bOA") == ["up"]


def test_key_table_names_every_button_once_tapped_and_once_held() -> None:
    rows = key_table()
    assert [name for _, name, _ in rows if "held" not in name] == list(BUTTONS)
    assert len({keys for keys, _, _ in rows}) == len(rows) == 2 * len(BUTTONS)
    assert rows[0] == ("p or space", "power", "start, or stop at once")
