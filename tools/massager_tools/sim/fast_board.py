"""The virtual board of demo, run and the campaigns: all its boots in one process.

Standard output carries what the chip's serial line would, and records of our own that
begin with MARK and end with the line: `c` columns, `r` a row, `e` an event in words, `x` a
command done, `s` the summary. Standard input takes events, one JSON object a line.
`host.py` is the other end. Runs on MicroPython and CPython.
"""

import json
import sys

from massager_tools.sim import assembly, record, snapshot
from massager_tools.sim import chip as chip_module
from massager_tools.sim import console as console_module
from massager_tools.sim.assembly import interpreter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MARK = "\x1e"
ROW_US = 100_000
_SETTLED_US = 1_000_000  # after boot.py: everything is built, the loop runs


class FastBoard(assembly.Assembly):
    """A board from power-on to its end, as `config` says (see `host.py`)."""

    def __init__(self, config: "dict[str, Any]") -> None:
        super().__init__(config, chip_module.Chip)
        self._flash = config["flash"]
        self._speed = config["speed"]
        self._repl = config["repl"]
        self._until_us = None if config["until_ms"] is None else config["until_ms"] * 1000
        self._commands: list[Any] = []  # typed at the prompt, not yet run
        self.handlers.update(
            {
                "power_cut": self._power_cut,
                "speed": self._set_speed,
                "reset_pin": self._reset_pin,
                "ctrl_c": self._ctrl_c,
                "type": self._type,
                "exec": self._exec,
                "stop": self._stop,
            }
        )
        self.recorder = record.Recorder(self.chip, self.plant, self.wiring)
        self.chip.attach(self.wiring, self.recorder)
        self._host = interpreter.LineReader()
        self._console = console_module.Console(self.chip, interpreter.write_bytes)
        self.chip.console = self._console
        self._started_ms = interpreter.real_ms()
        self._paced_from_us = 0  # virtual time at `_started_ms`
        self._next_row_us = 0
        self._heap_base = 0
        self._heap_bytes: int | None = None
        _report("c", ",".join(record.columns(self.plant.air.chambers)))
        self.schedule_events()
        self.chip.add_alarm(0, self._row)
        if self._until_us is not None:
            self.chip.add_alarm(self._until_us, self._end)

    def run(self) -> "dict[str, Any]":
        """Run until the end; return the summary."""
        facts = self.chip.facts
        interpreter.install_console(self._console, facts["machine"], self.chip.version)
        fixed = _import_fake_modules()
        traceback = ""
        soft = False
        while True:
            interpreter.forget_modules(fixed, self._flash)
            try:
                traceback = self._run_once(soft)
                reason = "exception" if traceback else "returned"
                outputs_safe = self.wiring.all_safe()
                if not self._repl:
                    break
                while True:
                    self._prompt()
            except chip_module.ChipReset as reset:
                _report("e", "reset " + str(reset.cause))
                soft = False
            except SystemExit:
                _report("e", "soft reset")
                soft = True
            except chip_module.ChipOff as end:
                reason = end.reason
                outputs_safe = self.wiring.all_safe()
                break
        return {
            "reason": reason,
            "traceback": traceback,
            "outputs_safe": outputs_safe,
            "virtual_ms": self.chip.now_us // 1000,
            "boots": self.chip.boots,
            "heap_bytes": self._heap_bytes,
            "nvs": snapshot.dump_nvs(self.chip.nvs),
        }

    def _run_once(self, soft: bool) -> str:
        """Run one boot: boot.py, then main.py. Return the traceback that ended it, or ""."""
        if soft:
            self.chip.soft_start()
        else:
            self.chip.start()
        namespace = {"__name__": "__main__"}
        if self._heap_bytes is None:
            self._heap_base = interpreter.heap_bytes()
            self.chip.add_alarm(self.chip.now_us + _SETTLED_US, self._measure_heap)
        # the chip runs main.py even when boot.py failed
        assembly.run_file(self._flash + "/boot.py", namespace)
        self._console.usb_up = True
        return assembly.run_file(self._flash + "/main.py", namespace)

    def _prompt(self) -> None:
        """Wait at the prompt: for the next command, or for time to pass.

        With no pace and no end set, time stands still there until something happens. Ctrl-C
        interrupts nothing there.
        """
        try:
            self._wait_at_prompt()
        except KeyboardInterrupt:
            pass

    def _wait_at_prompt(self) -> None:
        if self._commands:
            assembly.run_source(self._commands.pop(0), "<stdin>", {"__name__": "__main__"})
            _report("x", "")
        elif self.events or self._speed or self._until_us is not None:
            self.chip.advance(ROW_US)
        else:
            self._receive_events(True)
            self.do_due_events()

    # --- alarms -------------------------------------------------------------------------

    def _measure_heap(self) -> None:
        self._heap_bytes = interpreter.heap_bytes() - self._heap_base

    def _end(self) -> None:
        self.chip.stop(chip_module.ChipOff("until"))

    def _row(self) -> int:
        _report("r", ",".join(self.recorder.row()))
        self._receive_events()
        if self._speed:
            passed_ms = (self.chip.now_us - self._paced_from_us) / 1000
            due_ms = self._started_ms + int(passed_ms / self._speed)
            ahead_ms = due_ms - interpreter.real_ms()
            if ahead_ms > 0:
                interpreter.real_sleep_ms(ahead_ms)
        self._next_row_us += ROW_US
        return self._next_row_us

    def _receive_events(self, wait: bool = False) -> None:
        lines = self._host.lines(wait)
        if self._host.closed:
            self.chip.stop(chip_module.ChipOff("host gone"))
        for line in lines:
            self.add_event(json.loads(line))

    # --- events -------------------------------------------------------------------------

    def do(self, event: "dict[str, Any]") -> None:
        _report("e", json.dumps(event))
        super().do(event)

    def _power_cut(self, event: "dict[str, Any]") -> None:
        self.chip.lose_power(event["for_ms"] * 1000)

    def _set_speed(self, event: "dict[str, Any]") -> None:
        self._speed = event["times"]
        self._started_ms = interpreter.real_ms()
        self._paced_from_us = self.chip.now_us

    def _reset_pin(self, event: "dict[str, Any]") -> None:
        self.chip.reset(chip_module.PWRON_RESET)

    def _ctrl_c(self, event: "dict[str, Any]") -> None:
        self._console.type(bytes([console_module.CTRL_C]))

    def _type(self, event: "dict[str, Any]") -> None:
        self._console.type(event["text"].encode())

    def _exec(self, event: "dict[str, Any]") -> None:
        self._commands.append(event["code"])

    def _stop(self, event: "dict[str, Any]") -> None:
        self.chip.stop(chip_module.ChipOff("stop"))


def _report(kind: str, text: str) -> None:
    interpreter.write(MARK + kind + text + "\n")


def _import_fake_modules() -> "set[str]":
    """Import the stand-ins; return the names of all modules that a reset of the chip keeps."""
    sys.modules.pop("select", None)  # the interpreter's own, under another name
    for name in ("esp32", "machine", "neopixel", "select", "time"):
        __import__(name)
    return set(sys.modules)


def run(config: "dict[str, Any]", folder: str) -> None:
    """Run the board of `config` to its end and report the summary."""
    board = FastBoard(config)
    interpreter.prepare(folder)
    sys.path.insert(0, folder + "/fake_modules")
    sys.path.insert(0, config["flash"])
    _report("s", json.dumps(board.run()))
