"""The telemetry line as the firmware writes it, tick by tick."""

from collections.abc import Collection

import pytest

from massager.core import limits
from massager.telemetry import Telemetry
from massager_tools.device.telemetry import telemetry
from massager_tools.sim.bench import Bench

START_MS = 1_000
LIGHT_TICK = 7


READY = "ready massager 1.0 board of_somebody_who_likes_long_names reset power_on"
PACKET_BYTES = 64


class Line:
    """A serial line that keeps what it is given, but for the writes of the numbers `refused`."""

    def __init__(self, refused: Collection[int] = ()) -> None:
        self.text = ""
        self._refused = refused
        self._writes = 0

    def write(self, data: bytes, length: int) -> bool:
        """As `hal.console.Console` does."""
        assert length <= PACKET_BYTES
        self._writes += 1
        if self._writes in self._refused:
            return False
        self.text += bytes(data[:length]).decode()
        return True


def sent_lines(ticks: int, pad_a_mc: int = 25_000) -> list[dict[str, int]]:
    """The whole lines of so many ticks with the pad at `pad_a_mc`."""
    return [telemetry(text) for text in sent(ticks, Line(), pad_a_mc).split("\n")[:-1]]


def sent(ticks: int, line: Line, pad_a_mc: int = 25_000) -> str:
    """What `line` has taken of so many ticks."""
    bench = Bench(START_MS)
    bench.plant.frozen = True
    bench.plant.pad_a_mc = pad_a_mc
    sender = Telemetry(line, READY.encode() + b"\n")
    for _ in range(ticks):
        bench.tick()
        sender.step(bench.controller.status, bench.outputs)
    return line.text


def test_a_line_begins_on_a_light_tick_and_every_100_ms_from_there() -> None:
    lines = sent_lines(LIGHT_TICK + 5 * limits.SLOW_TICKS)
    assert [line["t_ms"] for line in lines] == [
        START_MS + limits.TICK_MS * (LIGHT_TICK + limits.SLOW_TICKS * n) for n in range(5)
    ]


def test_nothing_is_said_before_the_first_whole_line() -> None:
    assert sent_lines(LIGHT_TICK + limits.SLOW_TICKS - 1) == []
    assert all(len(line) == 20 for line in sent_lines(200))


def test_numbers_below_zero_and_zero_are_written_out() -> None:
    line = sent_lines(40, pad_a_mc=-5_000)[-1]
    assert -5_100 <= line["pad_a_mc"] <= -4_900
    assert line["cycles"] == 0


GAPS_ROWS = [
    # writes that are refused (ten a line), the lines taken: telemetry's by their fields
    ((), [20, 20, 20, 20]),
    ((1,), [READY, 20, 20]),
    ((10,), ["?", READY, 20, 20]),
    ((12,), [20, "?", READY, 20]),
    ((2, 3, 5), ["?", "?", READY]),  # again, in the line of the start
    ((11, 12), [20, READY]),
]


@pytest.mark.parametrize(("refused", "lines"), GAPS_ROWS)
def test_after_a_gap_comes_the_line_of_the_start(
    refused: tuple[int, ...], lines: list[str | int]
) -> None:
    text = sent(LIGHT_TICK + 4 * limits.SLOW_TICKS, Line(refused))
    taken = text.split("\n")[:-1]
    shown = [len(telemetry(one)) or ("?" if one.endswith("?") else one) for one in taken]
    assert shown == lines
