"""`massager run`: keys in, events and gauges out; once through a real terminal."""

import os
import pty
import re
import select
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from massager_tools.boards import load_board
from massager_tools.cli import main
from massager_tools.firmware_tables import programs
from massager_tools.sim.board_faults import faults_of
from massager_tools.sim.host import Row, VirtualMassager
from massager_tools.ui.fault_menu import SHOWN, FaultMenu
from massager_tools.ui.gauges import bar, gauges, pixels
from massager_tools.ui.keys import HeldKeys
from massager_tools.ui.live_session import interact, presses_for

BOARD = load_board("esp32_devkitc")


class Recorded:
    """Takes the place of a massager: gives rows, keeps what it is sent."""

    def __init__(self, seconds: float) -> None:
        self.serial: list[str] = []
        self.sent: list[tuple[int, dict[str, Any]]] = []
        self._rows = round(seconds * 10)
        self._now_ms = 0

    def rows(self) -> Iterator[Row]:
        for number in range(self._rows):
            self._now_ms = number * 100
            yield {"t_ms": self._now_ms, "leg": 1}

    def send(self, event: dict[str, Any]) -> None:
        self.sent.append((self._now_ms, event))


def played(keys: dict[int, str], seconds: float = 5, speed: float = 1) -> list[tuple[int, Any]]:
    """What a massager is sent when `keys` (ms → key) are pressed."""
    massager: Any = Recorded(seconds)
    now_ms = iter(range(0, 1_000_000, 100))

    def read_keys() -> list[str]:
        key = keys.get(next(now_ms))
        return [key] if key else []

    interact(massager, read_keys, lambda *_: None, FaultMenu(faults_of(BOARD)), speed)
    sent: list[tuple[int, Any]] = massager.sent
    return sent


def test_key_is_a_press_and_a_release() -> None:
    assert played({1_000: "p"}) == [
        (1_000, {"do": "press", "button": "power"}),
        (1_700, {"do": "release", "button": "power"}),
    ]


def test_q_ends_it() -> None:
    assert played({1_000: "q", 1_100: "p"}) == []


def test_leg_and_mains() -> None:
    assert [event for _, event in played({100: "l", 200: "x"})] == [
        {"do": "leg", "on": False},
        {"do": "power_cut", "for_ms": 3_000},
    ]


def test_faults_are_broken_and_mended_from_the_menu() -> None:
    first, second = list(faults_of(BOARD))[:2]
    keys = ["\r", "f", "\r", "down", "\r", "up", "\r", "0", "escape", "down"]
    sent = played({100 * (number + 1): key for number, key in enumerate(keys)})
    assert [event for _, event in sent if event["do"] == "fault"] == [
        {"do": "fault", "name": first, "on": True},
        {"do": "fault", "name": second, "on": True},
        {"do": "fault", "name": first, "on": False},
        {"do": "fault", "name": second, "on": False},
    ]
    assert [event for _, event in sent if event["do"] == "press"] == [
        {"do": "press", "button": "down"}
    ]


def test_power_stops_while_the_menu_is_open() -> None:
    assert played({100: "f", 200: "p"})[0] == (200, {"do": "press", "button": "power"})


def test_menu_offers_what_the_board_has() -> None:
    offered = faults_of(BOARD)
    assert "valve_stuck_open_3" in offered
    assert "tach_lost" in offered
    assert "valve_stuck_open_4" not in offered
    roles = {role: spec for role, spec in BOARD["roles"].items() if role != "tach"}
    assert "tach_lost" not in faults_of({"roles": roles})


def test_menu_keeps_the_cursor_in_sight() -> None:
    menu = FaultMenu(faults_of(BOARD))
    menu.press_key("f")
    for _ in range(len(menu.faults) + 2):
        menu.press_key("up")
        assert [here for here, *_ in menu.entries()].count(True) == 1
        assert len(menu.entries()) == SHOWN


ROW: Row = {
    "t_ms": 61_000,
    "leg": 0,
    "valves": 0b010,
    "motor_rpm": 1_210,
    "pump_duty_permille": 1_000,
    "heater_enable": 1,
    "heater_duty_permille": 430,
    "chamber_1_pa": 2_666,
    "chamber_2_pa": 0,
    "chamber_max_pa": 2_666,
    "pixels": "060000000600" + "000000" * 6,
    "fw_state": 2,
    "fw_left_s": 754,
    "fw_level": 3,
    "fw_heat_level": 2,
    "fw_heat_set_mc": 42_000,
    "fw_pad_a_mc": 41_230,
    "fw_pad_b_mc": 41_100,
    "fw_fault": 31,
}


def shown(row: Row, menu: FaultMenu) -> str:
    console = Console(width=80, height=24, record=True, file=StringIO())
    console.print(gauges(row, "board ×1", ["power"], menu, "a message"))
    return console.export_text()


def test_gauges_tell_what_matters() -> None:
    menu = FaultMenu(faults_of(BOARD))
    menu.on.append("pump_dead")
    text = shown(ROW, menu)
    for words in (
        *("RUN", "12:34 left", "41.2 °C", "set 42.0", "1210 rpm", "43 %", "level 3", "heat 42 °C"),
        *("31 PRESSURE_WARNING", "broken: pump_dead", "no leg inside", "pressed: power"),
        "a message",
    ):
        assert words in text
    assert re.search(r"chamber 1 +20 mmHg", text)
    assert re.search(r"chamber 2 +0 mmHg.*valve on", text)
    assert "chamber 3" not in text


def test_gauges_before_the_firmware_has_spoken() -> None:
    row = {name: value for name, value in ROW.items() if not name.startswith("fw_")}
    assert "OFF" in shown(row, FaultMenu(faults_of(BOARD)))


def test_everything_fits_a_terminal_of_24_lines() -> None:
    menu = FaultMenu(faults_of(BOARD))
    menu.press_key("f")
    row = ROW | {"chamber_3_pa": 0, "chamber_4_pa": 0}
    lines = shown(row, menu).rstrip().splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_bar_is_held_to_its_ends() -> None:
    assert set(bar(-1, 0, 1)) == {"·"}
    assert set(bar(2, 0, 1)) == {"█"}
    assert bar(0, 0, 1, mark=1).endswith("┃")


def test_pixels_are_dots() -> None:
    assert pixels("").plain == ""
    assert pixels(str(ROW["pixels"])).plain == "● ● ○ ○ ○ ○ ○ ○ "


@pytest.mark.micropython
def test_person_starts_and_stops_the_real_firmware() -> None:
    """At fifty times real time: power starts, power stops, whatever program was chosen."""
    states: list[int] = []
    keys = {50: "p", 150: "p"}
    now_row = iter(range(10_000))

    def read_keys() -> list[str]:
        number = next(now_row)
        return [keys[number]] if number in keys else ["q"] if number == 250 else []

    def show(row: Row, held: HeldKeys, menu: FaultMenu, message: str) -> None:
        states.append(row.get("fw_state", 0))
        assert row.get("fw_program", 1) == programs()["warm"].index or row["t_ms"] < 2_000

    with VirtualMassager(BOARD, speed=50, events=presses_for(programs()["warm"])) as massager:
        interact(massager, read_keys, show, FaultMenu(faults_of(BOARD)), 50)
    assert states[140] == 2
    assert states[40] == 0
    assert states[170] in (0, 5, 6)
    assert massager.result is not None
    assert massager.result.outputs_safe


def test_without_a_terminal_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["run"]) == 2
    assert "run needs a terminal" in capsys.readouterr().err


def test_keys_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["run", "--keys"]) == 0
    listed = capsys.readouterr().out
    for line in (r"p or space +power +start", r"P +power, held +clear a fault", r"q +quit"):
        assert re.search(f"^{line}", listed, re.M)


@pytest.mark.micropython
def test_in_a_terminal() -> None:
    """Through a real pseudo-terminal: gauges come, p starts, q gives the terminal back."""
    with Terminal("run", "--speed", "30") as terminal:
        terminal.wait_for("ready massager")  # a press from before that is none
        terminal.wait_for("OFF")
        terminal.type("p")
        terminal.wait_for("RUN")
        terminal.type("q")
        assert terminal.exit_code() == 0


class Terminal:
    """The command in a pseudo-terminal of 100 × 30."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._seen = ""

    def __enter__(self) -> "Terminal":
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            tools = Path(main.__file__).parents[2]
            os.environ.update(PYTHONPATH=str(tools), TERM="xterm", COLUMNS="100", LINES="30")
            os.execv(
                sys.executable, [sys.executable, "-m", "massager_tools.cli.main", *self._arguments]
            )
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())
        self._seen = ""

    def wait_for(self, words: str, within_s: float = 20) -> None:
        deadline_s = time.monotonic() + within_s
        while words not in self._seen:
            assert self._read(deadline_s), f"no {words!r} in {self._seen[-2000:]!r}"

    def exit_code(self, within_s: float = 20) -> int:
        deadline_s = time.monotonic() + within_s
        while self._read(deadline_s):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _read(self, deadline_s: float) -> bool:
        left_s = max(0.0, deadline_s - time.monotonic())
        if not select.select([self._fd], [], [], left_s)[0]:
            return False
        try:
            data = os.read(self._fd, 65_536)
        except OSError:  # Linux: the other end is closed
            return False
        self._seen += data.decode(errors="replace")
        return bool(data)
