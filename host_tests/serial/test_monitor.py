"""The monitor on a real port: it reads, records, draws, and reconnects after a cable pull."""

import csv
import json
import time
from pathlib import Path

import pytest

from massager_tools.cli import main
from massager_tools.device.serial_lines import Line
from massager_tools.device.telemetry import telemetry
from massager_tools.sim.serial.board import SerialBoard
from massager_tools.ui.monitor_record import CsvFile, Trace
from massager_tools.ui.monitor_screen import plot, watch

pytestmark = pytest.mark.micropython

PATIENCE_S = 20.0


def received(line: Line, wanted: int) -> list[dict[str, int]]:
    """That many lines of telemetry."""
    found: list[dict[str, int]] = []
    end_s = time.monotonic() + PATIENCE_S
    while len(found) < wanted and time.monotonic() < end_s:
        found += [values for values in map(telemetry, line.lines()) if values]
    assert len(found) >= wanted
    return found


def test_comes_back_after_a_cable_pull(running: SerialBoard) -> None:
    line = Line(running.port)
    received(line, 2)
    running.pull_cable()
    end_s = time.monotonic() + PATIENCE_S
    while line.connected and time.monotonic() < end_s:
        line.lines()
    assert not line.connected
    running.plug_cable()
    assert received(line, 2)[-1]["pad_a_mc"] == 30_000
    line.close()


def test_writes_and_draws(
    running: SerialBoard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, picture = tmp_path / "telemetry.csv", tmp_path / "telemetry.png"
    files = ("--csv", str(table), "--plot", str(picture))
    code = main.run(["monitor", "--port", running.port, "--for", "2", *files])
    assert code == 0
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert len(rows) >= 5
    assert rows[0]["pad_b_mc"] == "30100" and rows[0]["time"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert f"{len(rows)} lines" in capsys.readouterr().out


def test_prints_json_for_programs(
    running: SerialBoard, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["monitor", "--port", running.port, "--for", "1", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["pad_a_mc"] for row in rows if "t_ms" in row][:2] == [30_000, 30_000]


WHOLE = "t_ms:1500,state:2,pad_a_mc:30000,late:0"


class Overheard:
    """A line to which somebody began to listen after `missed` characters."""

    port = "here"
    connected = True

    def __init__(self, missed: int) -> None:
        self._said = [WHOLE[missed:], WHOLE]

    def lines(self) -> list[str]:
        """Everything, then the listener has enough."""
        said, self._said = self._said, []
        if not said:
            raise KeyboardInterrupt
        return said


@pytest.mark.parametrize("missed", range(1, len(WHOLE)))
def test_listening_may_begin_in_mid_line(
    missed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = Trace()
    with CsvFile(tmp_path / "telemetry.csv") as file:
        watch(Overheard(missed), (trace.add, file.add), None)  # type: ignore[arg-type]
    assert [values for _, values in trace] == [telemetry(WHOLE)]
    rows = list(
        csv.DictReader((tmp_path / "telemetry.csv").read_text(encoding="utf-8").splitlines())
    )
    assert [row["t_ms"] for row in rows] == ["1500"]
    assert capsys.readouterr().out.strip() == ""


def test_says_so_when_nothing_comes(bare: SerialBoard, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["monitor", "--port", bare.port, "--for", "0.3"]) == 1
    assert "no telemetry" in capsys.readouterr().err


NO_PORT = {
    "/no/such/port": "it is not there; is the board plugged in?",
    "/dev/null": "it is no serial port; leave --port out, and the board is found",
    "socket://127.0.0.1:9": "Connection refused; is the far end on, and the address right?",
}


@pytest.mark.parametrize("port", NO_PORT)
@pytest.mark.parametrize("command", ["monitor", "log", "flash", "bringup"])
def test_no_port_is_one_line_with_the_reason(
    command: str, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run([command, "--port", port]) == 1
    err = capsys.readouterr().err
    assert err == f"massager: cannot open {port}: {NO_PORT[port]}\n"


def test_time_goes_on_when_the_massager_starts_anew() -> None:
    trace = Trace()
    for t_ms in (1_000, 1_500, 100, 200):
        trace.add({"t_ms": t_ms})
    assert [t_s for t_s, _ in trace] == pytest.approx([0.0, 0.5, 1.5, 1.6])


def test_plot_grows_with_the_values() -> None:
    drawn = plot([0.0] * 10 + [10.0] * 10, 0.0, 10.0)
    assert drawn.strip() == "█"
    assert len(drawn) == 60
    assert plot([5.0] * 10, 0.0, 10.0)[-1] == "▄"
