"""What the black box keeps of a trip, when it writes it, and how it is read."""

import builtins
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from massager.core import limits
from massager.core.safety import supervisor as s
from massager.core.safety.fault_table import MOTOR_STALLED, NTC_A_INVALID, NTC_B_INVALID
from massager.core.signals import BUTTON_HEAT, BUTTON_POWER, Settings
from massager.storage import blackbox
from massager.storage.blackbox import AFTER_ROWS, NAME, ROWS, BlackBox
from massager_tools.boards import load_board
from massager_tools.build import deploy
from massager_tools.cli.blackbox import command
from massager_tools.device_data import blackbox as reading
from massager_tools.errors import Failure
from massager_tools.sim.bench import WRAP_MS, Bench
from massager_tools.sim.host import VirtualMassager

SMALL_BYTES = 100


class Recorded(Bench):
    """A bench whose every tick goes into a black box, as in the loop."""

    def __init__(self, folder: Path, start_ms: int = 1_000, settings: Settings | None = None):
        super().__init__(start_ms, settings=settings)
        self.file = folder / NAME
        self.blackbox = BlackBox(str(self.file))

    def step(self) -> None:
        """The controller's part, and the box after it."""
        super().step()
        self.blackbox.step(self.controller.status, self.inputs, self.outputs)
        assert not (self.is_energised() and self.file.with_name(NAME + ".new").exists())

    def overheat(self) -> None:
        """Trip."""
        self.plant.frozen = True
        self.plant.pad_a_mc = limits.PAD_TRIP_MC + 500

    def recording(self) -> reading.Recording:
        """What the file says."""
        return reading.read(reading.FlashFolder(self.file.parent))


def tripped(folder: Path, start_ms: int = 1_000) -> Recorded:
    """A bench that ran for a minute, tripped, and had time to write."""
    bench = Recorded(folder, start_ms)
    bench.start()
    bench.press(BUTTON_HEAT, 200)
    bench.run(60_000)
    bench.overheat()
    bench.run(5_000)
    assert bench.state == s.FAULT
    return bench


@pytest.mark.parametrize("start_ms", [0, WRAP_MS - 50_000])
def test_a_trip_keeps_the_half_minute_around_it(tmp_path: Path, start_ms: int) -> None:
    bench = tripped(tmp_path, start_ms)
    found = bench.recording()
    assert found.fault == 12
    assert len(found.rows) == ROWS
    assert found.rows[0].t_s == pytest.approx(-(ROWS - 1) / 10)
    trip_s = found.trip_s()
    assert trip_s is not None and trip_s == pytest.approx(-AFTER_ROWS / 10)
    before = [row for row in found.rows if row.t_s < trip_s - 0.5]
    after = [row for row in found.rows if row.t_s >= trip_s]
    assert all(row.state == s.RUN and row.heater_enable for row in before)
    assert all(row.state == s.FAULT and not row.heater_permille for row in after)
    assert before[-1].pad_a_c < 46 and after[-1].pad_a_c == pytest.approx(47.5, abs=0.1)


def test_the_file_is_written_in_steps_of_one_stall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of create, write, close and rename may erase flash: one of them a tick."""
    done: list[str] = []

    def counted(name: str, plain: Any) -> Any:
        def call(*arguments: Any) -> Any:
            done.append(name)
            return plain(*arguments)

        return call

    class File:
        def __init__(self, path: str, mode: str) -> None:
            file = open(path, mode)  # noqa: SIM115
            done.append("create")
            self._file = file
            self.close = counted("close", file.close)

        def write(self, data: bytes) -> None:
            if len(data) > SMALL_BYTES:  # less stays in the file system's buffer
                done.append("write")
            self._file.write(data)

    monkeypatch.setattr(blackbox, "open", File, raising=False)
    monkeypatch.setattr(blackbox.os, "rename", counted("rename", blackbox.os.rename))
    bench = Recorded(tmp_path)
    bench.start()
    bench.run(2_000)
    bench.overheat()
    most = 0
    for _ in range(800):
        before = len(done)
        bench.tick()
        most = max(most, len(done) - before)
    assert most == 1
    assert done == ["create", *["write"] * 5, "close", "rename"]
    assert bench.recording().fault == 12


def test_it_waits_until_every_output_is_off(tmp_path: Path) -> None:
    """A fault of the heat alone leaves air and motor running; `step` looks at every tick."""
    bench = Recorded(tmp_path)
    bench.start()
    bench.run(20_000)
    bench.controller.faults.heat.latch(NTC_A_INVALID)
    bench.run(20_000)
    assert bench.state == s.RUN and not bench.file.exists()
    bench.press(BUTTON_POWER, 100)
    bench.run(20_000)
    assert not bench.is_energised() and bench.recording().fault == 13


def heat_stopped(folder: Path) -> Recorded:
    """A bench that runs on without heat since sensor B was found broken (E14)."""
    bench = Recorded(folder)
    bench.start()
    bench.press(BUTTON_HEAT, 200)
    bench.run(40_000)
    bench.controller.faults.heat.latch(NTC_B_INVALID)
    return bench


@pytest.mark.parametrize("later_ms", [1_000, 14_000, 16_000, 31_000, 5 * 60_000])
def test_a_graver_trip_after_a_first_fault_takes_over(tmp_path: Path, later_ms: int) -> None:
    """E14, the session runs on, then E12: the seconds before E12 are there, and E14's."""
    bench = heat_stopped(tmp_path)
    bench.run(later_ms)
    assert bench.state == s.RUN and not bench.file.exists()
    bench.overheat()
    bench.run(5_000)
    found = bench.recording()
    assert found.fault == 12
    trip_s = found.trip_s()
    assert trip_s is not None and -AFTER_ROWS / 10 - 1 < trip_s < 0
    times_s = [row.t_s for row in found.rows]
    assert times_s == sorted(set(times_s)) and len(times_s) == ROWS
    second = [row for row in found.rows if trip_s - 12 < row.t_s]
    assert len(second) == pytest.approx((12 - trip_s) * 10, abs=2)
    assert all(row.fault != 12 for row in second if row.t_s < trip_s)
    assert second[0].state == s.RUN and second[-1].state == s.FAULT
    first_s = next(row.t_s for row in found.rows if row.fault == 14)
    assert trip_s - first_s == pytest.approx(later_ms / 1000, abs=0.5)
    before = [row for row in found.rows if first_s - 12 < row.t_s < first_s]
    assert len(before) == 119 and all(row.heater_enable for row in before)


@pytest.mark.micropython
def test_the_whole_firmware_keeps_the_graver_trip_too(tmp_path: Path) -> None:
    """Sensor B breaks, and five minutes later the other one reads 47 °C."""
    flash = tmp_path / "flash"
    board = load_board("esp32_devkitc")
    deploy.build(board, flash)
    events = (
        {"at_ms": 1_000, "do": "press", "button": "power", "for_ms": 600},
        {"at_ms": 15_000, "do": "press", "button": "heat", "for_ms": 300},
        {"at_ms": 40_000, "do": "fault", "name": "ntc_b_open", "on": True},
        {"at_ms": 75_000, "do": "fault", "name": "ntc_a_drifting", "on": True},
    )
    with VirtualMassager(board, flash_dir=flash, events=events, until_ms=365_000) as massager:
        for _ in massager.rows():
            pass
    found = reading.read(reading.FlashFolder(flash))
    assert found.fault == 12 and len(found.rows) == ROWS
    trip_s = found.trip_s()
    first_s = next(row.t_s for row in found.rows if row.fault == 14)
    assert trip_s is not None and 300 < trip_s - first_s < 325
    before = [row.pad_a_c for row in found.rows if trip_s - 12 < row.t_s < trip_s]
    assert len(before) > 115 and all(46 < pad_a_c < 47.1 for pad_a_c in before)


def test_a_graver_trip_after_the_file_was_written_takes_over(tmp_path: Path) -> None:
    bench = heat_stopped(tmp_path)
    bench.run(60_000)
    bench.press(BUTTON_POWER, 100)
    bench.run(10_000)
    assert bench.recording().fault == 14
    bench.overheat()
    bench.run(5_000)
    assert bench.recording().fault == 12


def test_a_mistake_of_the_program_after_a_first_fault_takes_over(tmp_path: Path) -> None:
    bench = heat_stopped(tmp_path)
    bench.run(60_000)
    bench.blackbox.keep(4)
    found = bench.recording()
    assert found.fault == 4 and found.rows[-1].state == s.RUN
    assert 14 in {row.fault for row in found.rows[: ROWS // 2]}


def test_another_fault_of_the_same_gravity_does_not_take_over(tmp_path: Path) -> None:
    bench = heat_stopped(tmp_path)
    bench.run(60_000)
    bench.controller.faults.motor.latch(MOTOR_STALLED)
    bench.run(10_000)
    bench.press(BUTTON_POWER, 100)
    bench.run(10_000)
    assert bench.recording().fault == 14


def test_what_follows_a_trip_does_not_replace_it(tmp_path: Path) -> None:
    bench = tripped(tmp_path)
    kept = bench.file.read_bytes()
    bench.inputs.late_ms = limits.LATE_TRIP_MS + 1
    bench.tick()
    bench.inputs.late_ms = 0
    bench.run(60_000)
    assert bench.file.read_bytes() == kept


def test_after_a_person_has_cleared_it_the_next_trip_is_kept(tmp_path: Path) -> None:
    bench = tripped(tmp_path)
    first = bench.recording()
    bench.plant.frozen = False
    bench.plant.pad_a_mc = 30_000
    for _ in range(4):  # the pad jumped, too, on one side only, and the motor stood still
        bench.run(20_000)  # its code has been shown by then
        bench.clear()
    bench.run(1_000)
    assert bench.state == s.OFF
    bench.start()
    bench.run(5_000)
    bench.inputs.late_ms = limits.LATE_TRIP_MS + 1
    bench.tick()
    bench.inputs.late_ms = 0
    bench.run(10_000)
    second = bench.recording()
    assert (first.fault, second.fault) == (12, 2)
    assert max(row.late_ms for row in second.rows) == 255


def test_a_fault_from_before_power_up_is_no_trip(tmp_path: Path) -> None:
    settings = Settings()
    settings.latched[0] = 1 << 1
    bench = Recorded(tmp_path, settings=settings)
    bench.run(10_000)
    assert bench.state == s.FAULT and not bench.file.exists()


def test_an_error_that_ends_the_program_is_kept_at_once(tmp_path: Path) -> None:
    bench = Recorded(tmp_path)
    bench.start()
    bench.run(3_000)
    bench.blackbox.keep(4)
    found = bench.recording()
    assert found.fault == 4 and 0 < len(found.rows) < ROWS


def test_a_flash_that_refuses_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Recorded(tmp_path / "not there")
    bench.blackbox.keep(4)
    bench.blackbox.keep(4)
    assert capsys.readouterr().out.count("black box: cannot be written") == 1


DAMAGED_ROWS = (
    # name, what is done to a good file, complaint
    ("empty", lambda data: b"", "not a recording"),
    ("something else", lambda data: b"hello\n" + data, "not a recording"),
    ("no line", lambda data: b"massager-blackbox 2", "not a recording"),
    ("cut", lambda data: data[:-1], "damaged"),
    ("longer", lambda data: data + b"x", "damaged"),
    ("half a head", lambda data: b"massager-blackbox 2 3\n", "first line"),
    ("newer", lambda data: data.replace(b"box 2 ", b"box 9 ", 1), "format 9"),
)


def test_damaged(row: tuple, tmp_path: Path) -> None:
    _, damage, complaint = row
    data = tripped(tmp_path).file.read_bytes()
    with pytest.raises(Failure, match=complaint):
        reading.parse(damage(data))


def test_the_command_shows_it(tmp_path: Path) -> None:
    tripped(tmp_path)
    plot = tmp_path / "trip.png"
    shown = CliRunner().invoke(command, [str(tmp_path), "--plot", str(plot)])
    assert shown.exit_code == 0 and "12 PAD_OVER_TEMP_TRIP, 300 rows" in shown.output
    assert plot.stat().st_size > 10_000
    as_json = json.loads(CliRunner().invoke(command, [str(tmp_path), "--json"]).output)
    assert as_json["fault"] == 12 and len(as_json["rows"]) == ROWS
    as_csv = CliRunner().invoke(command, [str(tmp_path / NAME), "--csv"]).output.splitlines()
    assert len(as_csv) == ROWS + 1 and as_csv[0].startswith("t_s,state,fault,")


def test_no_recording_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="there is no recording"):
        reading.read(reading.FlashFolder(tmp_path))


class PowerCut(BaseException):
    """The power goes; nothing of the program runs on."""


class FlakyFlash:
    """Files as littlefs keeps them, until the power goes before operation `cut`.

    What was written to a file that was not closed is lost, or there in part: `keeps` bytes.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cut: int, keeps: int) -> None:
        self.operations = 0
        self._cut = cut
        self._keeps = keeps
        self._files: list[Any] = []
        self._open = builtins.open
        rename = os.rename

        def renamed(old: str, new: str) -> None:
            self.count()
            rename(old, new)

        monkeypatch.setattr(builtins, "open", self.open)
        monkeypatch.setattr(os, "rename", renamed)

    def count(self) -> None:
        """One more operation of the flash."""
        self.operations += 1
        if self.operations == self._cut:
            raise PowerCut

    def open(self, path: Any, mode: str = "r", *options: Any, **named: Any) -> Any:
        """As `open`; what is written goes through this flash."""
        if "w" not in mode:
            return self._open(path, mode, *options, **named)
        self.count()
        file = self._open(path, mode, *options, **named)
        self._files.append(file)
        return _Written(self, file, self._keeps)

    def power_off(self) -> None:
        """Let go of what is open."""
        for file in self._files:
            file.close()


class _Written:
    """A file that is being written."""

    def __init__(self, flash: FlakyFlash, file: Any, keeps: int) -> None:
        self._flash = flash
        self._file = file
        self._keeps = keeps
        self._data = b""

    def write(self, data: Any) -> None:
        self._flash.count()
        self._data += bytes(data)
        self._file.seek(0)
        self._file.write(self._data[: self._keeps])
        self._file.flush()

    def close(self) -> None:
        self._flash.count()
        self._file.seek(0)
        self._file.write(self._data)
        self._file.close()


class AfterACut(Recorded):
    """A device that finds what a power cut has left of a file."""

    def step(self) -> None:
        Bench.step(self)
        self.blackbox.step(self.controller.status, self.inputs, self.outputs)


def trip_soon(folder: Path, start_ms: int) -> bytes:
    """A trip soon after the start, and time to write it; the file."""
    bench = AfterACut(folder, start_ms)
    bench.start()
    bench.overheat()
    bench.run(5_000)
    assert bench.recording().fault == 12
    return bench.file.read_bytes()


@pytest.mark.parametrize("keeps", [0, 100])
def test_a_power_cut_at_any_step_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keeps: int
) -> None:
    file = tmp_path / NAME
    new = trip_soon(tmp_path, 5_000)
    old = trip_soon(tmp_path, 1_000)
    assert old != new
    cut = operations = 0
    while operations == cut:  # until there is no such operation any more
        cut += 1
        file.write_bytes(old)
        with monkeypatch.context() as patch:
            flash = FlakyFlash(patch, cut, keeps)
            try:
                trip_soon(tmp_path, 5_000)
            except PowerCut:
                flash.power_off()
            operations = flash.operations
        assert file.read_bytes() == (old if operations == cut else new), cut
        assert trip_soon(tmp_path, 9_000) != old, "the next start writes the next trip"
    assert cut == 10  # open, the head, five pieces, close, rename; and none
