"""The firmware opens no network and takes no commands: by its sources, and by watching it run."""

import ast
from pathlib import Path

import pytest

from host_tests.support.interpreter import FIRMWARE
from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.sim.host import VirtualMassager

NETWORK = (
    *("network", "socket", "usocket", "ssl", "tls", "bluetooth", "ubluetooth", "aioble"),
    *("espnow", "aioespnow", "lwip", "requests", "urequests", "webrepl", "mip", "ntptime"),
    *("asyncio", "uasyncio", "umqtt", "http"),
)
COMMANDS = ("eval", "exec", "compile", "input", "__import__")
SESSION = (
    {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600},
    {"at_ms": 9_000, "do": "press", "button": "heat", "for_ms": 300},
    {"at_ms": 20_000, "do": "press", "button": "power", "for_ms": 200},
)


DRAINS = "massager/hal/console.py"
"""It reads what was typed and throws it away: else Ctrl-C is lost behind it."""


def used_names(source: str) -> set[str]:
    """What a file imports, by the first part of its name, and the functions it calls."""
    used: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            used |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            used.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
    return used


@pytest.mark.parametrize(
    "path", sorted(FIRMWARE.rglob("*.py")), ids=lambda p: p.relative_to(FIRMWARE).as_posix()
)
def test_no_file_knows_a_network_or_takes_commands(path: Path) -> None:
    used = used_names(path.read_text(encoding="utf-8"))
    assert not used & {*NETWORK, *COMMANDS, "WLAN", "BLE", "PPP", "LAN"}
    assert ("stdin" in used) is (path.relative_to(FIRMWARE).as_posix() == DRAINS)


@pytest.mark.parametrize(
    "source",
    ["import network", "from socket import socket", "def f():\n import ubluetooth", "eval('1')"],
)
def test_the_search_finds_them(source: str) -> None:
    assert used_names(source) & {*NETWORK, *COMMANDS}


def flash_with_radios(folder: Path) -> Path:
    """A deployed firmware whose chip has every one of these modules; each reports its import."""
    flash = folder / "flash"
    deploy.build(load_board("esp32_devkitc"), flash, python=True)
    for name in NETWORK:
        if name not in ("asyncio", "http"):  # CPython's own start-up may need these
            text = f"open({str(folder / 'used')!r}, 'a').write('{name} ')\n"
            (flash / f"{name}.py").write_text(text, encoding="utf-8")
    return flash


def test_a_whole_session_touches_no_radio(tmp_path: Path) -> None:
    flash = flash_with_radios(tmp_path)
    states = set()
    with VirtualMassager(
        load_board("esp32_devkitc"),
        flash_dir=flash,
        events=SESSION,
        until_ms=40_000,
        on_cpython=True,
    ) as massager:
        for row in massager.rows():
            states.add(row.get("fw_state"))
    assert {0, 1, 2, 5} <= states
    assert not (tmp_path / "used").exists()


def test_a_firmware_that_did_would_be_seen(tmp_path: Path) -> None:
    flash = flash_with_radios(tmp_path)
    (flash / "main.py").write_text("import network\n", encoding="utf-8")
    with VirtualMassager(
        load_board("esp32_devkitc"), flash_dir=flash, until_ms=1_000, on_cpython=True
    ) as massager:
        for _ in massager.rows():
            pass
    assert (tmp_path / "used").read_text() == "network "
