"""Build chip, plant and wiring of one board, and apply the events that happen to them.

Both virtual boards are an `Assembly`: `fast_board.py` and `serial/boot_environment.py`.
Runs on MicroPython and CPython.
"""

import builtins
import sys

from massager_tools.sim import chip as chip_module
from massager_tools.sim import snapshot
from massager_tools.sim import wiring as wiring_module
from massager_tools.sim.model import plant as plant_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

if sys.implementation.name == "micropython":
    from massager_tools.sim import on_micropython as interpreter
else:
    from massager_tools.sim import on_cpython as interpreter  # type: ignore[no-redef]

_EIO = 5  # littlefs reports a failed write so
_OWN = "massager_tools/sim/"


class Assembly:
    """The massager of `config` (see `host.py`): `plant`, `chip`, `wiring` and coming `events`.

    An event is a dict with `at_ms` of virtual time, `do`, and the fields of `events.FIELDS`.
    """

    def __init__(self, config: "dict[str, Any]", chip_class: "type[chip_module.Chip]") -> None:
        board = config["board"]
        parameters = config["plant"]
        self.plant = plant_module.Plant(
            parameters,
            wiring_module.chamber_count(board),
            "exhaust" in board["roles"],
            board.get("tach_pulses_per_turn", 1),
        )
        self.chip = chip_class(
            config["chip"],
            self.plant,
            parameters["adc"],
            config["seed"],
            config["ticks_start_ms"],
            snapshot.load_nvs(config["nvs"]),
        )
        chip_module.install(self.chip)
        self.wiring = wiring_module.Wiring(
            board,
            self.plant,
            self.chip,
            config["ntc_line"],
            parameters["adc"]["rail_error"],
        )
        self.events: list[Any] = sorted(config["events"], key=_at_ms)
        self.handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "press": self._press,
            "release": self._release,
            "fault": self._fault,
            "leg": self._leg,
            "warm": self._warm,
            "motor_load": self._motor_load,
            "panic": self._panic,
            "nvs_wipe": self._nvs_wipe,
            "pixel_noise": self._pixel_noise,
        }
        self._event_alarm = chip_module.Alarm(0, self.do_due_events)
        self._guard_files()

    def schedule_events(self) -> None:
        """Let `events` happen when they are due, from now on."""
        self._event_alarm = self.chip.add_alarm(0, self.do_due_events)

    def add_event(self, event: "dict[str, Any]") -> None:
        """Let `event` happen at its time; now, where it has none."""
        if "at_ms" not in event:
            event["at_ms"] = self.chip.now_us // 1000
        self.events.append(event)
        self.events.sort(key=_at_ms)
        self._event_alarm.due_us = self.events[0]["at_ms"] * 1000
        self.chip.rearm()

    def do_due_events(self) -> "int | None":
        """Carry out the events that are due. Return when the next one is, µs."""
        now_ms = self.chip.now_us // 1000
        while self.events and self.events[0]["at_ms"] <= now_ms:
            self.do(self.events.pop(0))
        return self.events[0]["at_ms"] * 1000 if self.events else None

    def do(self, event: "dict[str, Any]") -> None:
        """Carry out `event` now."""
        self.handlers[event["do"]](event)

    def _press(self, event: "dict[str, Any]") -> None:
        self.plant.buttons.press(event["button"])
        if "for_ms" in event:
            at_ms = self.chip.now_us // 1000 + event["for_ms"]
            self.add_event({"do": "release", "button": event["button"], "at_ms": at_ms})

    def _release(self, event: "dict[str, Any]") -> None:
        self.plant.buttons.release(event["button"])

    def _fault(self, event: "dict[str, Any]") -> None:
        self.plant.set_fault(event["name"], event["on"], event.get("value"))

    def _leg(self, event: "dict[str, Any]") -> None:
        self.plant.set_leg(event["on"])

    def _warm(self, event: "dict[str, Any]") -> None:
        self.plant.heat.warm(event["pad_mc"] / 1000.0)

    def _motor_load(self, event: "dict[str, Any]") -> None:
        self.plant.motor.extra_load_nm = event["nm"]

    def _panic(self, event: "dict[str, Any]") -> None:
        """Crash the chip; its `reset_cause` is that of `machine.reset`."""
        self.chip.reset(chip_module.HARD_RESET)

    def _nvs_wipe(self, event: "dict[str, Any]") -> None:
        """Erase the whole flash store, as the port does where it finds no free page."""
        self.chip.nvs.clear()
        self.chip.nvs_pending = []

    def _pixel_noise(self, event: "dict[str, Any]") -> None:
        """Let the light stick take noise on its data line for a frame."""
        self.wiring.garble_pixels()

    def _guard_files(self) -> None:
        """Refuse to open a file for writing while the flash fails."""
        faults = self.plant.chip
        plain_open = builtins.open

        def guarded_open(path, mode="r", *options):  # type: ignore[no-untyped-def]
            if faults.flash_fails and ("w" in mode or "a" in mode or "+" in mode):
                faults.failed_writes += 1
                raise OSError(_EIO)
            return plain_open(path, mode, *options)

        builtins.open = guarded_open


def run_file(path: str, namespace: "dict[str, Any]") -> str:
    """Run a file as the chip runs boot.py; return the traceback that ended it, or "".

    The traceback is printed. A file that is not there runs like an empty one. ChipReset,
    ChipOff and SystemExit pass through.
    """
    try:
        with open(path) as file:
            source = file.read()
    except OSError:
        return ""
    return run_source(source, path.rsplit("/", 1)[-1], namespace)


def run_source(source: str, name: str, namespace: "dict[str, Any]") -> str:
    """Run `source`, named `name` in tracebacks; otherwise as `run_file`."""
    try:
        exec(compile(source, name, "exec"), namespace)
    except (chip_module.ChipReset, chip_module.ChipOff, SystemExit):
        raise
    except BaseException as error:
        lines = interpreter.traceback_lines(error)
        text = "\n".join([line for line in lines if line and not _is_own(line)])
        interpreter.write(text + "\n")
        return text
    return ""


def _is_own(line: str) -> bool:
    """Return whether a line of a traceback is of the simulator: the chip would not show it."""
    return _OWN in line.replace("\\", "/")


def _at_ms(event: "dict[str, Any]") -> int:
    return event["at_ms"]
