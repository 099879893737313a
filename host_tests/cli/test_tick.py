"""`massager measure tick`: quick, in shape, and able to fall short."""

import json
import shutil
from array import array
from pathlib import Path

import pytest

from massager_tools.build import deploy
from massager_tools.cli import main
from massager_tools.errors import Failure
from massager_tools.sim import wiring
from massager_tools.verification import tick, tick_runs
from massager_tools.verification.report import Options
from massager_tools.verification.tick import BASE, VARIANTS, WHOLE, board_of
from massager_tools.verification.tick_runs import Probe

pytestmark = pytest.mark.micropython

FIGURES = (
    *("us_mean", "us_p99", "us_worst", "heap_bytes_per_tick", "ticks"),
    *("reference_us", "esp32_ms_mean", "esp32_ms_worst"),
)


@pytest.fixture
def short_evening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some seconds instead of minutes, few variants: enough to be wrong in."""
    monkeypatch.setattr(tick, "EVENING_MS", 60_000)
    monkeypatch.setattr(tick, "VARIANTS", (BASE, WHOLE))
    monkeypatch.setattr(tick_runs, "REPEATS", 2)


@pytest.mark.usefixtures("short_evening")
def test_quick_measure_in_json_with_a_plot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "tick.png"
    # the times are the machine's: whether their bars are reached is not for this test
    code = main.run(["measure", "tick", "--quick", "--json", "--plot", str(plot)])
    output = json.loads(capsys.readouterr().out)
    assert code == (0 if output["ok"] else 1)
    assert set(FIGURES) <= set(output)
    assert output["heap_bytes_per_tick"] == 0
    assert output["ticks_with_heap_locked"] == output["ticks"] > 3_500
    assert 0 < output["us_mean"] <= output["us_worst"]
    assert 0 < output["us_p99"] <= output["us_worst"]
    assert output["esp32_ms_mean"] == pytest.approx(
        output["us_mean"] / output["reference_us"] * 14 / 1000, rel=0.01
    )
    bars = [bar["name"] for bar in output["bars"]]
    assert bars == ["mean", "worst", "heap", "heap locked"]
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_every_variant_is_a_board_that_can_be_flashed() -> None:
    for variant in VARIANTS:
        board = board_of(variant)
        assert deploy.derived(board)["wiring_id"]
        assert not set(variant.without) & set(board["roles"])
        assert set(variant.extra) <= set(board["roles"])
    counts = {wiring.chamber_count(board_of(variant)) for variant in VARIANTS}
    assert counts == {2, 3, 4}


def probe(times_us: list[list[int]], heap_bytes: int = 0, locked_ticks: int = 3) -> Probe:
    return Probe(
        ticks=3,
        reference_us=[0.1, 0.1, 0.5],
        times_us=[array("H", repeat) for repeat in times_us],
        heap_bytes=heap_bytes,
        locked_ticks=locked_ticks,
    )


def test_one_slow_repeat_does_not_count() -> None:
    report = tick.report({BASE: probe([*[[10, 10, 10]] * 4, [10, 999, 10]])})
    assert report.values["us_worst"] == 10
    assert report.values["reference_us"] == 0.1
    assert report.ok


@pytest.mark.parametrize(
    ("broken", "bar"),
    [
        (probe([[14, 14, 14]] * 5), "mean"),
        (probe([[1, 1, 31]] * 5), "worst"),
        (probe([[5, 5, 5]] * 5, heap_bytes=32), "heap"),
        (probe([[5, 5, 5]] * 5, locked_ticks=2), "heap locked"),
    ],
)
def test_each_bar_can_fall_short(broken: Probe, bar: str) -> None:
    report = tick.report({BASE: broken})
    assert [item.name for item in report.criteria if not item.ok][:1] == [bar]
    assert not report.ok


ALLOCATES = """
from massager.core.controller import Controller

_step = Controller.step


def step(controller, now_ms, inputs, outputs):
    controller.rubbish = [now_ms]
    _step(controller, now_ms, inputs, outputs)


Controller.step = step
"""


@pytest.mark.usefixtures("short_evening")
def test_allocation_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe is given a controller that allocates in each tick."""
    original = tick_runs.PROBE.read_text()
    leaky = tmp_path / "probe.py"
    leaky.write_text(original.replace("\nclass Reference", ALLOCATES + "\nclass Reference", 1))
    monkeypatch.setattr(tick_runs, "PROBE", leaky)
    report = tick.measure(Options(quick=True))
    assert report.values["heap_bytes_per_tick"] >= 32
    assert report.values["ticks_with_heap_locked"] == 0
    assert any("MemoryError" in note for note in report.notes)
    assert not report.ok


@pytest.mark.usefixtures("short_evening")
def test_replay_that_differs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recording leaves the buttons out, so the replay never starts."""
    forgetful = tmp_path / "tick_record.py"
    shutil.copy(tick_runs.RECORD, forgetful)
    text = forgetful.read_text()
    assert "getattr(inputs, name)" in text
    forgetful.write_text(
        text.replace("getattr(inputs, name)", '0 if name == "buttons" else getattr(inputs, name)')
    )
    monkeypatch.setattr(tick_runs, "RECORD", forgetful)
    with pytest.raises(Failure, match="did not replay as recorded"):
        tick.measure(Options(quick=True))
