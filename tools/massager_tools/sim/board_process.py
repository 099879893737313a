"""One virtual board: chip, plant and wiring in this process, and the flashed files run on them.

    micropython -X heapsize=16m board_process.py CONFIG.json

Standard output carries what the chip's serial line would, and records of our own that
begin with MARK and end with the line: `c` columns, `r` a row, `e` an event in words,
`s` the summary. Standard input takes events, one JSON object a line. `host.py` is the
other end.
"""

import builtins
import json
import sys

MARK = "\x1e"
ROW_US = 100_000
_SETTLED_US = 1_000_000  # after boot.py: all is built, the loop runs
_EIO = 5  # as littlefs says it
_HERE = __file__.replace("\\", "/").rsplit("/", 1)[0]
_OWN = "massager_tools/sim/"


def _import_tools():
    """Everything of ours, before the flash goes first on the path; then out of the way."""
    tools = _HERE + "/../.."
    sys.path.insert(0, tools)
    from massager_tools.sim import chip, record, wiring
    from massager_tools.sim.model import plant

    name = "on_micropython" if sys.implementation.name == "micropython" else "on_cpython"
    package = __import__("massager_tools.sim." + name)
    sys.path.remove(tools)
    return chip, getattr(package.sim, name), record, wiring, plant


chip_module, interpreter, record, wiring_module, plant_module = _import_tools()


class Board:
    """A board from power-on to its end, as `config` says (see `host.py`)."""

    def __init__(self, config):
        self._flash = config["flash"]
        self._speed = config["speed"]
        self._repl = config["repl"]
        self._commands = []  # typed at the prompt, not yet run
        self._events = sorted(config["events"], key=_at_ms)
        self._until_us = None if config["until_ms"] is None else config["until_ms"] * 1000
        board = config["board"]
        parameters = config["plant"]
        self.plant = plant_module.Plant(
            parameters,
            wiring_module.chamber_count(board),
            "exhaust" in board["roles"],
            board.get("tach_pulses_per_turn", 1),
        )
        self.chip = chip_module.Chip(
            config["chip"],
            self.plant,
            parameters["adc"],
            config["seed"],
            config["ticks_start_ms"],
            _load_nvs(config["nvs"]),
        )
        chip_module.install(self.chip)
        self.wiring = wiring_module.Wiring(
            board,
            self.plant,
            self.chip,
            config["ntc_line"],
            parameters["adc"]["rail_error"],
        )
        self._guard_files()
        self.recorder = record.Recorder(self.chip, self.plant, self.wiring)
        self.chip.attach(self.wiring, self.recorder)
        self._inlet = interpreter.Inlet()
        self._started_ms = interpreter.real_ms()
        self._next_row_us = 0
        self._heap_base = 0
        self._heap_bytes = None
        self._tell("c", ",".join(record.columns(self.plant.air.chambers)))
        self._event_alarm = self.chip.add_alarm(0, self._do_events)
        self.chip.add_alarm(0, self._row)
        if self._until_us is not None:
            self.chip.add_alarm(self._until_us, self._end)

    def _guard_files(self):
        """Let no file be written while the flash is broken."""
        faults = self.plant.chip
        whole_open = builtins.open

        def guarded_open(path, mode="r", *options):
            if faults.flash_fails and ("w" in mode or "a" in mode or "+" in mode):
                faults.failed_writes += 1
                raise OSError(_EIO)
            return whole_open(path, mode, *options)

        builtins.open = guarded_open

    def run(self):
        """Live until the end; returns the summary."""
        keep = _modules_to_keep()
        traceback = ""
        soft = False
        while True:
            interpreter.forget_modules(keep, self._flash)
            try:
                traceback = self._run_once(soft)
                reason = "exception" if traceback else "returned"
                outputs_safe = self.wiring.all_safe()
                if not self._repl:
                    break
                while True:
                    self._prompt()
            except chip_module.ChipReset as reset:
                self._tell("e", "reset " + str(reset.cause))
                soft = False
            except SystemExit:
                self._tell("e", "soft reset")
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
            "nvs": _save_nvs(self.chip.nvs),
        }

    def _prompt(self):
        """The chip waits at its prompt: for the next command, or for time to pass.

        With no pace and no end set, time stands still there until something happens. Ctrl-C
        interrupts nothing there.
        """
        try:
            self._wait_at_prompt()
        except KeyboardInterrupt:
            pass

    def _wait_at_prompt(self):
        if self._commands:
            self._run_source(self._commands.pop(0), "<stdin>", {"__name__": "__main__"})
            self._tell("x", "")
        elif self._events or self._speed or self._until_us is not None:
            self.chip.advance(ROW_US)
        else:
            self._take_lines(True)
            self._do_events()

    def _run_once(self, soft):
        """One boot: boot.py, then main.py. Returns the traceback that ended it, or ""."""
        if soft:
            self.chip.soft_start()
        else:
            self.chip.start()
        namespace = {"__name__": "__main__"}
        if self._heap_bytes is None:
            self._heap_base = interpreter.heap_bytes()
            self.chip.add_alarm(self.chip.now_us + _SETTLED_US, self._weigh)
        self._run_file("boot.py", namespace)  # the chip runs main.py even when this failed
        return self._run_file("main.py", namespace)

    def _run_file(self, name, namespace):
        try:
            with open(self._flash + "/" + name) as file:
                source = file.read()
        except OSError:
            return ""
        return self._run_source(source, name, namespace)

    def _run_source(self, source, name, namespace):
        """Run it; the traceback that ended it, shown on the serial line, or ""."""
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

    def _weigh(self):
        self._heap_bytes = interpreter.heap_bytes() - self._heap_base

    # --- alarms -------------------------------------------------------------------------

    def _end(self):
        self.chip.stop(chip_module.ChipOff("until"))

    def _row(self):
        self._tell("r", ",".join(self.recorder.row()))
        self._take_lines()
        if self._speed:
            due_ms = self._started_ms + int(self.chip.now_us / 1000 / self._speed)
            ahead_ms = due_ms - interpreter.real_ms()
            if ahead_ms > 0:
                interpreter.real_sleep_ms(ahead_ms)
        self._next_row_us += ROW_US
        return self._next_row_us

    def _take_lines(self, wait=False):
        lines = self._inlet.lines(wait)
        if self._inlet.closed:
            self.chip.stop(chip_module.ChipOff("host gone"))
        if lines:
            for line in lines:
                event = json.loads(line)
                if "at_ms" not in event:
                    event["at_ms"] = self.chip.now_us // 1000
                self._events.append(event)
            self._events.sort(key=_at_ms)
            self._event_alarm.due_us = self._events[0]["at_ms"] * 1000

    def _do_events(self):
        now_ms = self.chip.now_us // 1000
        while self._events and self._events[0]["at_ms"] <= now_ms:
            event = self._events.pop(0)
            self._do(event)
        return self._events[0]["at_ms"] * 1000 if self._events else None

    def _do(self, event):
        do = event["do"]
        plant = self.plant
        self._tell("e", json.dumps(event))
        if do == "press":
            plant.buttons.press(event["button"])
            if "for_ms" in event:
                release = {"do": "release", "button": event["button"]}
                release["at_ms"] = self.chip.now_us // 1000 + event["for_ms"]
                self._events.append(release)
                self._events.sort(key=_at_ms)
        elif do == "release":
            plant.buttons.release(event["button"])
        elif do == "fault":
            plant.set_fault(event["name"], event["on"], event.get("value"))
        elif do == "leg":
            plant.set_leg(event["on"])
        elif do == "warm":
            plant.heat.warm(event["pad_mc"] / 1000.0)
        elif do == "motor_load":
            plant.motor.extra_load_nm = event["nm"]
        elif do == "power_cut":
            self.chip.lose_power(event["for_ms"] * 1000)
        elif do == "reset_pin":
            self.chip.reset(chip_module.PWRON_RESET)
        elif do == "ctrl_c":
            raise KeyboardInterrupt
        elif do == "exec":
            self._commands.append(event["code"])
        elif do == "stop":
            self.chip.stop(chip_module.ChipOff("stop"))

    def _tell(self, kind, text):
        interpreter.write(MARK + kind + text + "\n")


def _at_ms(event):
    return event["at_ms"]


def _is_own(line):
    return _OWN in line.replace("\\", "/")


def _load_nvs(kept):
    return {
        namespace: {
            key: value if isinstance(value, int) else bytes(value) for key, value in keys.items()
        }
        for namespace, keys in kept.items()
    }


def _save_nvs(nvs):
    return {
        namespace: {
            key: value if isinstance(value, int) else list(value) for key, value in keys.items()
        }
        for namespace, keys in nvs.items()
    }


def _modules_to_keep():
    """What a reset of the chip does not make new: ours, and the stand-ins."""
    for name in ("esp32", "machine", "neopixel", "time"):
        __import__(name)
    return set(sys.modules)


def main(config_path):
    """Run the board that the file describes."""
    with open(config_path) as file:
        config = json.load(file)
    board = Board(config)
    interpreter.prepare(_HERE)
    sys.path.insert(0, _HERE + "/fake_modules")
    sys.path.insert(0, config["flash"])
    summary = board.run()
    interpreter.write(MARK + "s" + json.dumps(summary) + "\n")


main(sys.argv[1])
