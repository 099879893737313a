"""Put a virtual massager on the bench, with a virtual operator."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from massager_tools.bringup.operator import Noticed
from massager_tools.build import deploy
from massager_tools.errors import Failure, UsageError
from massager_tools.sim.host import Row, VirtualMassager
from massager_tools.sim.model.parameters import Parameters

REST_MS = 3_000
THERMOMETER_ERROR_C = 0.3
SWELLS_PA = 30  # a chamber with a quarter of a litre in it
LEG_OFF = {"at_ms": 0, "do": "leg", "on": False}


class VirtualBench:
    """A virtual device in SERVICE, as a context manager; arguments as VirtualMassager's.

    It is the device (`execute`) and the operator (all else), who sees what really moves.
    """

    def __init__(
        self,
        board: Mapping[str, Any],
        wiring: Mapping[str, Any] | None = None,
        faults: Iterable[str] = (),
        plant: Parameters | None = None,
        nvs: Mapping[str, Any] | None = None,
        seed: int = 1,
        say: Callable[[str], None] = lambda text: None,
        speed: float | None = None,
        on_row: Callable[[Row], None] = lambda row: None,
    ) -> None:
        broken = [{"at_ms": 0, "do": "fault", "name": name, "on": True} for name in faults]
        self._board = dict(board)
        self._options: dict[str, Any] = {
            "wiring": wiring,
            "plant": plant,
            "events": [LEG_OFF, *broken],
            "nvs": {} if nvs is None else nvs,
            "seed": seed,
            "speed": speed,
        }
        if wiring is not None and wiring["chip"] != board["chip"]:
            raise UsageError(
                f"the wiring is that of an {wiring['chip']} and the board of an {board['chip']}; "
                "both have to name the chip that is there"
            )
        self.history: list[Row] = []
        """All rows since power-on."""
        self._rows: list[Row] = []
        self._say = say
        self._on_row = on_row
        self._finger = ""  # the button under it
        self._dice = random.Random(seed)

    def __enter__(self) -> VirtualBench:
        with ExitStack() as stack:
            flash_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="massager-")))
            deploy.build(self._board, flash_dir, linked=True)
            # outputs off, no watchdog, the prompt: as in SERVICE
            (flash_dir / "main.py").write_text("", encoding="utf-8")
            self.massager = stack.enter_context(
                VirtualMassager(self._board, flash_dir=flash_dir, repl=True, **self._options)
            )
            self._pass_time(REST_MS)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def execute(self, code: str) -> str:
        """Return what `code` prints on the device; Failure when it raises."""
        printed, self._rows = self.massager.exec(code, self._on_row)
        self._lift_finger()
        self.history += self._rows
        if any(line.startswith("Traceback") for line in printed):
            raise Failure(f"the device: {printed[-1]}")
        return "\n".join(printed)

    def interrupt(self) -> None:
        """Send Ctrl-C, from any thread: what runs ends with its outputs off."""
        self.massager.send({"do": "ctrl_c"})

    def prepare(self, text: str) -> None:
        """Pass the text on: a virtual bench is always prepared."""
        self._say(text)

    def about_to(self, text: str) -> None:
        """Let everything come to rest before the next drive."""
        self._say(text)
        self._pass_time(REST_MS)

    def noticed(self, expected: Noticed) -> Noticed:
        """Return what moved during the last drive."""
        rows = self._rows
        if any(row["pump_speed_permille"] > 0 for row in rows):
            return "the pump"
        if any(row["motor_rpm"] > 0 for row in rows):
            return "the motor"
        if any(row["valves"] or row["exhaust"] for row in rows):
            return "a valve"
        if any(row["pixels"].strip("0") for row in rows):
            return "the lights"
        return "nothing"

    def chamber(self, count: int) -> int:
        """Return the chamber that swelled most, 0 for none."""
        swells = [
            max(pressures) - pressures[0]
            for number in range(1, count + 1)
            if (pressures := [row[f"chamber_{number}_pa"] for row in self._rows])
        ]
        return swells.index(max(swells)) + 1 if max(swells) > SWELLS_PA else 0

    def press(self, button: str) -> None:
        """Press the button until the next call of the device."""
        self._say(f"presses {button}")
        self._finger = button
        self.massager.send({"do": "press", "button": button})

    def thermometer(self) -> float | None:
        """Return the room's temperature as a household thermometer shows it, °C."""
        room_c = self._ambient_c()
        return round(room_c + self._dice.uniform(-THERMOMETER_ERROR_C, THERMOMETER_ERROR_C), 1)

    def _lift_finger(self) -> None:
        if self._finger:
            self.massager.send({"do": "release", "button": self._finger})
            self._finger = ""

    def _pass_time(self, ms: int) -> None:
        self.execute(f"import time\ntime.sleep_ms({ms})")

    def _ambient_c(self) -> float:
        return float(self.history[-1]["pad_mc"] / 1000)
