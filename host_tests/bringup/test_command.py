"""`massager bringup` at the terminal: what it shows, exit codes, mistakes in calling it."""

import json

import click
import pytest
from click.testing import CliRunner

from massager_tools.bringup.terminal import Builder
from massager_tools.cli.main import run
from massager_tools.device import ports
from massager_tools.errors import Failure


@pytest.mark.micropython
def test_a_sound_one_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bringup", "--virtual"]) == 0
    out = capsys.readouterr().out
    assert "8/8 Heater" in out
    assert "the heat is unlocked" in out


@pytest.mark.micropython
def test_a_broken_one_fails_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bringup", "--virtual", "--fault", "tach_lost", "--json"]) == 1
    output = json.loads(capsys.readouterr().out)
    assert not output["passed"] and not output["kept"]
    troubles = [trouble for step in output["steps"] for trouble in step["troubles"]]
    assert [(trouble["role"], trouble["pin"]) for trouble in troubles] == [("tach", 16)]


WRONG_ROWS = (
    (("--virtual", "--port", "COM3"), "leave one of the two out"),
    (("--fault", "tach_lost"), "are for --virtual"),
    (("--wiring", "esp32_devkitc"), "are for --virtual"),
    (("--virtual", "--fault", "gremlin"), "no fault 'gremlin'"),
    (("--virtual", "--wiring", "nothing"), "no board 'nothing'"),
    (("--virtual", "--wiring", "esp32s3_devkitc1"), "esp32s3"),
)


def test_wrong(row: tuple[tuple[str, ...], str], capsys: pytest.CaptureFixture[str]) -> None:
    words, said = row
    assert run(["bringup", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_no_device(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def nowhere(port: str | None) -> str:
        raise Failure("no board on any port")

    monkeypatch.setattr(ports, "find_port", nowhere)
    assert run(["bringup"]) == 1
    assert "no board on any port" in capsys.readouterr().err


def asked(question: str, typed: str) -> str:
    """What the builder answers by typing `typed`."""

    @click.command()
    def command() -> None:
        builder = Builder()
        answers = {
            "noticed": lambda: builder.noticed("the pump"),
            "chamber": lambda: builder.chamber(3),
            "thermometer": builder.thermometer,
        }
        click.echo(f"={answers[question]()}")

    return CliRunner().invoke(command, input=typed).output.rpartition("=")[2].strip()


ANSWERS_ROWS = (
    # question, typed, understood
    ("noticed", "\n", "the pump"),
    ("noticed", "y\n", "the pump"),
    ("noticed", "0\n", "nothing"),
    ("noticed", "perhaps\n2\n", "the motor"),
    ("chamber", "2\n", "2"),
    ("chamber", "7\n0\n", "0"),
    ("thermometer", "\n", "None"),
    ("thermometer", "22,5\n", "22.5"),
    ("thermometer", "warm\n99\n21\n", "21.0"),
)


def test_answers(row: tuple[str, str, str]) -> None:
    question, typed, understood = row
    assert asked(question, typed) == understood
