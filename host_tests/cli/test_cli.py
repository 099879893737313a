"""The command as a whole: what it says, where, and with which exit code."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from massager_tools.boards import board_names
from massager_tools.cli import main
from massager_tools.errors import Failure, UsageError

HELPED = ((), *((name,) for name in main.COMMANDS), ("boards", "list"), ("boards", "check"))


def test_bare_command_shows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run([]) == 0
    shown = capsys.readouterr().out
    for name in main.COMMANDS:
        assert re.search(rf"^  {name} +\w", shown, re.M)


@pytest.mark.parametrize("path", HELPED, ids=" ".join)
def test_help_has_an_example(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run([*path, "--help"]) == 0
    assert "  massager " in capsys.readouterr().out.rpartition("\n\n")[2]


WRONG = {
    ("bake",): "no command 'bake'; commands are demo, ",
    ("demo", "--bake"): "no such option",
    ("demo", "--board", "x"): "no board 'x'; boards are esp32_devkitc, ",
    ("run", "--board", "x"): "no board 'x'; boards are esp32_devkitc, ",
    ("demo", "--program", "x"): "no program 'x'; programs are evening, presleep, warm",
    ("run", "--program", "x"): "no program 'x'; programs are evening, presleep, warm",
    ("demo", "--speed", "0"): "--speed",
    ("demo", "--plot", "/nowhere/at/all.png"): "/nowhere/at",
    ("demo", "--memory", "/nowhere/at/all.json"): "there is no folder /nowhere/at",
    ("run", "--memory", "/nowhere/at/all.json"): "there is no folder /nowhere/at",
    ("bench", "--files", "/nowhere/at/all"): "there is no folder /nowhere/at",
    ("boards", "check", "x.py"): "x.py: cannot be read",
    ("boards", "check"): "missing argument",
    ("measure",): "missing argument 'NAME'",
    ("measure", "x"): "no measure 'x'; measures are air, air-faults, quiet",
    ("measure", "tick", "--plants", "nowhere.json"): "nowhere.json",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_is_one_line_and_exit_2(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("massager: ")
    assert err.count("\n") == 1
    assert WRONG[arguments] in err


@pytest.mark.parametrize(
    ("raised", "code", "line"),
    [
        (UsageError("no such thing"), 2, "massager: no such thing\n"),
        (Failure("it broke"), 1, "massager: it broke\n"),
        (KeyboardInterrupt(), 1, "massager: stopped\n"),
    ],
)
def test_endings(
    raised: BaseException,
    code: int,
    line: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr("massager_tools.cli.boards.board_names", broken)
    assert main.run(["boards", "list"]) == code
    assert capsys.readouterr().err.lstrip("\n") == line


def test_boards_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["boards"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line[0] != " "] == board_names()
    assert main.run(["boards", "list", "--json"]) == 0
    assert [board["name"] for board in json.loads(capsys.readouterr().out)] == board_names()


def test_shipped_boards_pass_their_check(capsys: pytest.CaptureFixture[str]) -> None:
    for name in board_names():
        assert main.run(["boards", "check", name]) == 0
        assert capsys.readouterr().out.endswith("may be flashed\n")


@pytest.fixture
def wrong_board(tmp_path: Path) -> Path:
    """The reference board with the heater on a strapping pin."""
    source = Path(__file__).parents[2] / "boards" / "esp32_devkitc.py"
    text = source.read_text().replace('"name": "esp32_devkitc"', '"name": "wrong"')
    wrong = re.sub(r'("heater_pwm": \{"pin": )\d+', r"\g<1>12", text)
    assert wrong != text
    path = tmp_path / "wrong.py"
    path.write_text(wrong)
    return path


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        (
            '"safe": 0, "pwm_hz": 20_000',
            '"speed": 3',
            ["missing-key", "missing-key", "unknown-key"],
        ),
        ('"name": "wrong"', '"name": "copied"', ["name", "strapping"]),
        ("BOARD = {", "BOARD = [", ["file"]),
    ],
    ids=["form", "name", "file"],
)
def test_every_mistake_of_a_board_is_told(
    old: str, new: str, rules: list[str], wrong_board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = wrong_board.read_text(encoding="utf-8")
    assert old in text
    wrong_board.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert main.run(["boards", "check", str(wrong_board), "--json"]) == 1
    output = json.loads(capsys.readouterr().out)
    assert output["ok"] is False
    assert set(rules) <= {one["rule"] for one in output["findings"]}
    assert main.run(["boards", "check", str(wrong_board)]) == 1
    *lines, verdict = capsys.readouterr().out.splitlines()
    assert len(lines) == len(output["findings"]) >= len(rules)
    assert verdict.startswith(f"{output['board']}: ")
    assert "error" in verdict


def test_wrong_board_is_told_by_role_pin_and_rule(
    wrong_board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["boards", "check", str(wrong_board)]) == 1
    assert "error: heater_pwm on pin 12 (strapping)" in capsys.readouterr().out
    assert main.run(["boards", "check", str(wrong_board), "--json"]) == 1
    output = json.loads(capsys.readouterr().out)
    assert output["ok"] is False
    assert "strapping" in [finding["rule"] for finding in output["findings"]]
    assert main.run(["demo", "--board", str(wrong_board)]) == 2
    assert "heater_pwm on pin 12 (strapping)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "offer"),
    [
        (["demo", "--no-plot"], "use --python"),
        (["measure", "tick"], "its wheel is for Linux x86_64 and macOS arm64"),
    ],
)
def test_without_micropython_it_says_what_to_do(
    arguments: list[str],
    offer: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main.run(arguments) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert offer in err


def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """This Python, with the tools on its path, installed or not."""
    tools = str(Path(main.__file__).parents[2])
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": tools},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    heavy = {"matplotlib", "rich", "numpy", "subprocess"}
    script = (
        "import sys; from massager_tools.cli import main; main.run(['--help']);"
        f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    assert python("-c", script).stderr == "[]\n"


def test_exit_code_reaches_the_shell() -> None:
    done = python("-m", "massager_tools.cli.main", "boards", "check", "x")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("massager: no board 'x'")
