"""The telemetry line as the firmware writes it, tick by tick."""

from massager.core import limits
from massager.telemetry import Telemetry
from massager_tools.device.telemetry import telemetry
from massager_tools.sim.bench import Bench

START_MS = 1_000
LIGHT_TICK = 7


class Line:
    """A serial line that keeps what it is given."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, data: bytes, length: int) -> None:
        """As MicroPython's streams do."""
        self.text += bytes(data[:length]).decode()


def sent_lines(ticks: int, pad_a_mc: int = 25_000) -> list[dict[str, int]]:
    """The whole lines of so many ticks with the pad at `pad_a_mc`."""
    bench = Bench(START_MS)
    bench.plant.frozen = True
    bench.plant.pad_a_mc = pad_a_mc
    line = Line()
    sender = Telemetry(line)
    for _ in range(ticks):
        bench.tick()
        sender.step(bench.controller.status, bench.outputs)
    return [telemetry(text) for text in line.text.split("\n")[:-1]]


def test_a_line_begins_on_a_light_tick_and_every_100_ms_from_there():
    lines = sent_lines(LIGHT_TICK + 5 * limits.SLOW_TICKS)
    assert [line["t_ms"] for line in lines] == [
        START_MS + limits.TICK_MS * (LIGHT_TICK + limits.SLOW_TICKS * n) for n in range(5)
    ]


def test_nothing_is_said_before_the_first_whole_line():
    assert sent_lines(LIGHT_TICK + limits.SLOW_TICKS - 1) == []
    assert all(len(line) == 20 for line in sent_lines(200))


def test_numbers_below_zero_and_zero_are_written_out():
    line = sent_lines(40, pad_a_mc=-5_000)[-1]
    assert -5_100 <= line["pad_a_mc"] <= -4_900
    assert line["cycles"] == 0
