"""The demo: a short session instead of a whole one, its summary, its plot, its endings."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.cli import main
from massager_tools.firmware_tables import Program, programs
from massager_tools.sim import demo as demo_module
from massager_tools.sim.demo import play, scenario_of
from massager_tools.sim.host import VirtualMassager
from massager_tools.sim.scenarios import Scenario

pytestmark = pytest.mark.micropython

POWER = {"do": "press", "button": "power", "for_ms": 500}
SHORT = Scenario(
    name="short",
    title="power pressed, some seconds of running, power pressed again",
    until_ms=11_000,
    steps=(
        (1, POWER, "fw_state == OFF"),
        (5, POWER, "fw_state == RUN and motor_rpm > 300"),
        (10, None, "fw_state == OFF and energised == 0"),
    ),
    always=("pad_max_mc <= 45000",),
)
WRONG = Scenario("wrong", "", 3_000, ((2, None, "fw_state == RUN"),), ())

Demo = Callable[..., dict[str, Any]]


@pytest.fixture
def demo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Demo:
    """Runs `massager demo --json` in an empty folder with a short scenario."""

    def run(*arguments: str, scenario: Scenario = SHORT, code: int = 0) -> dict[str, Any]:
        monkeypatch.setattr(demo_module, "scenario_of", lambda program: scenario)
        monkeypatch.chdir(tmp_path)
        assert main.run(["demo", "--json", *arguments]) == code
        output = json.loads(capsys.readouterr().out)
        assert isinstance(output, dict)
        return output

    return run


def test_tells_what_happened_and_draws_it(demo: Demo, tmp_path: Path) -> None:
    output = demo()
    assert output["ok"] is True
    assert output["program"] == "short"
    assert output["board"] == "esp32_devkitc"
    assert output["state"] == "OFF"
    assert output["faults"] == output["misses"] == []
    assert output["minutes"] == 0
    assert 23 < output["pad_mean_c"] <= output["pad_peak_c"] < 45
    assert 300 < output["motor_mean_rpm"] <= output["motor_peak_rpm"]
    assert output["virtual_s"] == 11
    assert output["times_real_time"] > 0
    image = tmp_path / output["plot"]
    assert image.name == "massager-demo.png"
    assert image.read_bytes().startswith(b"\x89PNG")


def test_same_seed_same_session(demo: Demo) -> None:
    clock = ("real_s", "times_real_time")
    first, again, other = (
        {
            name: value
            for name, value in demo("--no-plot", "--seed", seed).items()
            if name not in clock
        }
        for seed in ("7", "7", "8")
    )
    assert first == again
    assert first["seed"] != other["seed"]


def test_no_plot_draws_nothing(demo: Demo, tmp_path: Path) -> None:
    assert demo("--no-plot")["plot"] is None
    assert list(tmp_path.iterdir()) == []


def test_other_board_and_other_file(demo: Demo, tmp_path: Path) -> None:
    output = demo("--board", "esp32s3_devkitc1", "--plot", "here.svg")
    assert output["board"] == "esp32s3_devkitc1"
    assert "<svg" in (tmp_path / "here.svg").read_text()


def test_on_cpython_without_the_interpreter(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("massager_tools.sim.host.micropython_program", pytest.fail)
    assert demo("--python", "--no-plot")["ok"] is True


def test_real_time_takes_its_time(demo: Demo) -> None:
    output = demo("--no-plot", "--speed", "3")
    assert output["real_s"] >= output["virtual_s"] / 3


def test_missed_expectation_fails(demo: Demo) -> None:
    output = demo("--no-plot", scenario=WRONG, code=1)
    assert output["ok"] is False
    assert "fw_state == RUN" in output["misses"][0]


def test_summary_for_people(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo_module, "scenario_of", lambda program: WRONG)
    assert main.run(["demo", "--no-plot"]) == 1
    out, err = capsys.readouterr()
    for words in (
        "session",
        "°C",
        "mmHg",
        "motor      never ran",
        "faults     none",
        "OFF, all outputs safe",
        "real time",
    ):
        assert words in out
    assert err.startswith("not as expected: at 2.0 s not 'fw_state == RUN'")


def test_a_recording_plays_the_same_again(
    demo: Demo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo("--no-plot", "--record", "short.rec")
    assert main.run(["replay", "short.rec"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["CPython", "MicroPython"]
    assert all(line.endswith(" ticks: the same, tick by tick") for line in lines)


def test_firmware_exception_is_shown_with_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy.build(load_board("esp32_devkitc"), tmp_path / "flash")
    program = tmp_path / "flash" / "main.py"
    program.write_text("def broken():\n    raise ValueError('boom')\n\n\nbroken()\n")
    broken = partial(VirtualMassager, flash_dir=tmp_path / "flash")
    monkeypatch.setattr(
        demo_module, "VirtualMassager", lambda board, **rest: broken(board, **_without_flash(rest))
    )
    assert main.run(["demo", "--plot", str(tmp_path / "broken.png")]) == 1
    err = capsys.readouterr().err
    assert "the firmware raised; all outputs safe" in err
    assert 'File "main.py", line 2, in broken' in err
    assert "ValueError: boom" in err


def _without_flash(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name != "flash_dir"}


def test_every_program_has_a_scenario_that_plays_it_to_its_end() -> None:
    for program in programs().values():
        scenario = scenario_of(program)
        presses = [event["button"] for event in scenario.events()]
        assert presses[: program.index + 1] == ["program"] * program.index + ["power"]
        assert scenario.until_ms > program.minutes * 60_000


def test_program_without_a_shared_scenario_is_chosen_and_started() -> None:
    """`warm` under another name, up to where it runs."""
    scenario = scenario_of(Program("nameless", programs()["warm"].index, 20))
    until_s = 12
    steps = [step for step in scenario.steps if step[0] < until_s]
    demo = play(
        load_board("esp32_devkitc"),
        Scenario("nameless", "", until_s * 1000, tuple(steps), scenario.always),
    )
    assert demo.misses == []
    assert demo.figures["state"] == "RUN"
