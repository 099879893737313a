"""The virtual ESP32: pads, clock, watchdog, timers and flash store, shared by the stand-ins.

It has the chip's bad habits: a pad stays as driven through exceptions and resets until
something re-routes it. Virtual time passes only in `advance`; there the plant moves, edges
and timers call back, and the watchdog bites. Runs on MicroPython and CPython.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from massager_tools.sim.console import Console
    from massager_tools.sim.model.plant import Plant
    from massager_tools.sim.wiring import Wiring

FLOATING = 0  # routes of a pad
INPUT = 1
GPIO = 2
LEDC = 3
ANALOG = 4

PULL_DOWN = 1
PULL_UP = 2

PWRON_RESET = 1  # as in MicroPython's ports/esp32
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

TICKS_MASK = (1 << 30) - 1
STEP_US = 10_000  # the plant's longest step
QUEUE_LENGTH = 8  # callbacks that can wait while the interpreter is busy
CALLBACK_US = 60  # what one costs: a handler of a few calls and ten lines of byte code

_SHORTEST_US = 1_500  # a shorter step of the plant is made with the next one
_BOOT_US = 350_000  # ROM, bootloader and interpreter, until boot.py starts
_NEVER_US = 1 << 60
_POLLS_FREE = 1_000  # reads of the clock without a sleep; then a busy loop is suspected …
_POLL_US = 10  # … and each further read takes time, or the loop would never end
_NOISE_LENGTH = 251  # prime, so that channels read in turn do not see the same noise
_OVERRUN_EVERY_US = 1_000_000

_chips: "list[Any]" = []


def install(chip: "Chip") -> None:
    """Make `chip` the one of this process, before any stand-in is imported."""
    _chips.append(chip)


def current() -> "Chip":
    """Return the one chip of this process."""
    return _chips[-1]


class ChipReset(BaseException):
    """The chip restarts: nothing of the program may run on. `cause` as `reset_cause()`."""

    def __init__(self, cause: int) -> None:
        super().__init__(cause)
        self.cause = cause


class ChipOff(BaseException):
    """The end of the virtual board's life: `reason` in a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Pad:
    """One pin: what drives it, and what is wired to it."""

    def __init__(self, number: int) -> None:
        self.number = number
        # called with the drive, 0…1 or None for floating
        self.sink: Callable[[float | None], None] | None = None
        # returns 0, 1 or None for floating
        self.source: Callable[[], int | None] | None = None
        self.analog: Callable[[], float] | None = None  # returns microvolts
        self.on_bits: Callable[[bytes], None] | None = None  # takes the bytes of a bit stream
        self.irq: Callable[[bool], None] | None = None  # called with (rising) on an edge
        self.counter: Callable[[bool], None] | None = None  # the same, for a pulse counter
        self.level_now: int | None = None  # that of an edge within a step, 0 or 1
        self.role = ""  # on the board that is soldered
        self.is_tach = False  # its edges come with their time from the motor
        self.last_level = 0
        self.power_off()

    def power_off(self) -> None:
        """Drive nothing and forget everything: the power is off."""
        self.route = FLOATING
        self.level = 0
        self.pull = 0
        self.open_drain = False
        self.duty = 0.0
        self.inverted = False
        self.freq_hz = 0
        self.phase_us = 0
        # level that the pin is pulled to hard until the program starts
        self.held: float | None = None
        self.update_sink()

    def drive(self) -> "float | None":
        """Return what the pad puts out: a share 0…1 of the time high, or None."""
        if self.held is not None:
            return self.held
        if self.route == GPIO:
            if self.open_drain and self.level:
                return None
            return 1.0 if self.level else 0.0
        if self.route == LEDC:
            return 1.0 - self.duty if self.inverted else self.duty
        return None

    def update_sink(self) -> None:
        """Pass the drive on to the wiring: it may have changed."""
        if self.sink is not None:
            self.sink(self.drive())

    def instant(self, now_us: int) -> "int | None":
        """Return the level that the pad drives at this very moment: 0, 1 or None."""
        drive = self.drive()
        if drive is None:
            return None
        if self.route != LEDC or drive in (0.0, 1.0):
            return 1 if drive >= 0.5 else 0
        period_us = 1_000_000 / self.freq_hz
        high = (now_us - self.phase_us) % period_us < self.duty * period_us
        return 1 if high != self.inverted else 0


class Alarm:
    """Something due at `due_us`: `action()` returns when it is due next, or None."""

    def __init__(self, due_us: int, action: "Callable[[], int | None]") -> None:
        self.due_us = due_us
        self.action = action


class Chip:
    """`facts` is the chip's table from `chip_facts`; `adc` the parameters' section "adc"."""

    wiring: "Wiring"

    def __init__(
        self,
        facts: "dict[str, Any]",
        plant: "Plant",
        adc: "dict[str, Any]",
        seed: int,
        ticks_start_ms: int = 0,
        nvs: "dict[str, dict[str, Any]] | None" = None,
    ) -> None:
        self.facts = facts
        self.version = tuple(facts["version"])  # of the interpreter
        self.plant = plant
        self.adc = adc
        self.pads = {number: Pad(number) for number in facts["pins"]}
        # namespace -> key -> int or bytes
        self.nvs: dict[str, dict[str, Any]] = {} if nvs is None else nvs
        self.nvs_pending: list[Any] = []  # (namespace, key, value); lost where not committed
        self.now_us = 0
        self.ticks_start_us = ticks_start_ms * 1000
        self.reset_cause = PWRON_RESET
        self.boots = 0
        # the reset or end under way: nothing works any more
        self.frozen: BaseException | None = None
        self.cpu_hz = 160_000_000
        self.pixels = ""
        self.alarms: list[Alarm] = []
        self.watchdog: Alarm | None = None
        self.watchdog_timeout_us = 0
        self.watchdog_fed_us = 0
        # pin -> frequency, of the channels that the program has open
        self.pwm_freqs: dict[int, int] = {}
        self.timers: list[Alarm] = []  # of running timers
        self.watched: list[Pad] = []  # pads with callbacks on edges
        self._alarm_us = _NEVER_US
        self._plant_us = 0
        self._nested = False
        self._extra_us = 0
        self.busy = False  # inside one call of several steps, in which no callback runs
        self._stalled = False
        self._queue: list[Any] = []  # (callback, argument)
        self._served_us = 0  # when the callbacks so far will have run
        self._polls = 0
        self._overrun_us = 0
        self._lost_interrupt = False  # a Ctrl-C that the next callback will swallow
        self.console: Console | None = None  # where the board has one
        self._random = (seed * 2_654_435_761 + 12_345) & 0x7FFFFFFF
        self.noise = [self._bell() for _ in range(_NOISE_LENGTH)]
        self._noise_index = 0
        self.unique_id = bytes([self.random() & 0xFF for _ in range(6)])

    def attach(self, wiring: "Wiring", recorder: "Any") -> None:
        """Set the wiring, and the recorder whose `observe` is called after each step."""
        self.wiring = wiring
        self.recorder = recorder

    # --- life and death -----------------------------------------------------------------

    def start(self) -> None:
        """Pass the time from reset to boot.py. What the last program set up is gone, pads stay."""
        self.boots += 1
        self.frozen = None
        self.nvs_pending = []
        self.pwm_freqs = {}
        if self.console is not None:
            self.console.start()
        self._drop_callbacks()
        self.disarm_watchdog()
        for number in self.facts["reset_glitch"]:
            self._hold(number, 1.0)
        self.advance(_BOOT_US)
        for number in self.facts["reset_glitch"]:
            self._hold(number, None)

    def soft_start(self) -> None:
        """Reset the interpreter: PWM stops, low (or high where inverted); the watchdog goes on."""
        self.frozen = None
        self.reset_cause = SOFT_RESET
        self._drop_callbacks()
        for number in self.pwm_freqs:
            pad = self.pads[number]
            pad.duty = 0.0
            pad.update_sink()
        self.pwm_freqs = {}

    def lose_power(self, off_us: int) -> None:
        """Cut the power for a while. What was not committed to flash is lost."""
        for pad in self.pads.values():
            pad.power_off()
        self._drop_callbacks()
        self.disarm_watchdog()
        self.pixels = ""
        self.plant.supply.connected = False
        # what the program asks for from here on is of no effect, and time has to pass
        self.frozen = None
        self.advance(off_us, True)
        self.plant.supply.connected = True
        self.reset(PWRON_RESET)

    def reset(self, cause: int) -> None:
        """Restart the chip: raises out of the program, which never runs on."""
        self.reset_cause = cause
        self.stop(ChipReset(cause))

    def stop(self, end: BaseException) -> None:
        """Freeze everything and raise `end`."""
        self.frozen = end
        self._nested = False
        self._stalled = False
        self.busy = False
        self._extra_us = 0
        self._queue = []
        raise end

    def _hold(self, number: int, level: "float | None") -> None:
        pad = self.pads[number]
        # a pad that still runs PWM or is driven is not disturbed by the reset
        if pad.route in (FLOATING, INPUT) or level is None:
            pad.held = level
            pad.update_sink()

    def interrupt(self) -> None:
        """Interrupt the program as Ctrl-C does: in a callback, it is printed and lost."""
        if self.plant.console.interrupts_lost and not self._nested:
            self._lost_interrupt = True
        else:
            raise KeyboardInterrupt

    def _drop_callbacks(self) -> None:
        for alarm in self.timers:
            self.alarms.remove(alarm)
        self.timers = []
        self.rearm()
        for pad in self.watched:
            pad.irq = None
            pad.counter = None
        self.watched = []
        self._queue = []

    # --- time ---------------------------------------------------------------------------

    def ticks_us(self) -> int:
        """Return the free-running clock, not yet wrapped."""
        self._polls += 1
        if self._polls > _POLLS_FREE:
            self.advance(_POLL_US)
            self._polls = _POLLS_FREE
        return self.ticks_start_us + self.now_us

    def add_alarm(self, due_us: int, action: "Callable[[], int | None]") -> Alarm:
        """Call `action` at `due_us`; it returns when it is due again, or None."""
        alarm = Alarm(due_us, action)
        self.alarms.append(alarm)
        self.rearm()
        return alarm

    def rearm(self) -> None:
        """Find the next alarm: some alarm's `due_us` has changed."""
        earliest_us = _NEVER_US
        for alarm in self.alarms:
            if alarm.due_us < earliest_us:
                earliest_us = alarm.due_us
        self._alarm_us = earliest_us

    def advance(self, us: int, stalled: bool = False) -> None:
        """Let `us` microseconds pass. `stalled`: in a call, so that callbacks must wait."""
        if self.frozen is not None:
            raise self.frozen
        self._polls = 0
        if self._nested:  # a callback that sleeps makes its caller late
            self._extra_us += us
            return
        if self.plant.chip.hangs:
            us = _NEVER_US
            stalled = True
        else:
            us += self._overrun()
        stalled = stalled or self.busy
        self._stalled = stalled
        self._pass(us)
        if stalled and not self.busy:
            self._stalled = False
            self._run_queue()

    def end_busy(self) -> None:
        """Run what has waited while `busy` was set."""
        self.busy = False
        self._stalled = False
        self._run_queue()

    def _overrun(self) -> int:
        """Return how much longer this call takes because the chip is busy, µs."""
        overrun_ms = self.plant.chip.overrun_ms
        if not overrun_ms or self.now_us < self._overrun_us:
            return 0
        self._overrun_us = self.now_us + _OVERRUN_EVERY_US
        return overrun_ms * 1000

    def _pass(self, us: int) -> None:
        """Step through `us`, and through what callbacks on the way add to it."""
        end_us = self.now_us + us
        while True:
            stop_us = self.now_us + STEP_US
            if stop_us > end_us:
                stop_us = end_us
            if stop_us > self._alarm_us:
                stop_us = self._alarm_us
            self._step(stop_us)
            if stop_us >= self._alarm_us:
                self._run_alarms()
            if self._extra_us:
                end_us += self._extra_us
                self._extra_us = 0
            if self.now_us >= end_us:
                if self._served_us <= end_us:
                    break
                end_us = self._served_us  # the sleep is over, and the callbacks are not

    def _run_queue(self) -> None:
        """Run the callbacks that have waited for the end of a call."""
        waiting = self._queue
        self._queue = []
        for callback, argument in waiting:
            self.call(callback, argument)

    def _step(self, stop_us: int) -> None:
        dt_us = stop_us - self._plant_us
        if dt_us >= _SHORTEST_US:
            start_us = self._plant_us
            self._plant_us = stop_us
            wiring = self.wiring
            if wiring.gated:
                wiring.gate(stop_us)
            plant = self.plant
            plant.step(dt_us * 1e-6)
            self.recorder.observe()
            if self.watched:
                if plant.motor.edge_shares:
                    self._tach_edges(plant.motor, start_us, dt_us)
                self.now_us = stop_us
                self._other_edges()
        self.now_us = stop_us

    def _tach_edges(self, motor: "Any", start_us: int, dt_us: int) -> None:
        """Report every edge of this step at its own time."""
        shares = motor.edge_shares
        for index in range(len(shares)):
            self.now_us = start_us + int(shares[index] * dt_us)
            for pad in self.watched:
                if pad.is_tach:
                    pad.level_now = motor.edge_levels[index]
                    self._edge(pad, motor.edge_rises[index])
                    pad.level_now = None

    def _other_edges(self) -> None:
        for pad in self.watched:
            if pad.is_tach:
                continue
            level = self.read(pad)
            if level != pad.last_level:
                pad.last_level = level
                self._edge(pad, level == 1)

    def _edge(self, pad: Pad, rising: bool) -> None:
        if pad.counter is not None:
            pad.counter(rising)
        if pad.irq is not None:
            pad.irq(rising)

    def _run_alarms(self) -> None:
        now_us = self.now_us
        for alarm in self.alarms[:]:  # an action may add or remove some
            if alarm.due_us <= now_us:
                due_us = alarm.action()
                alarm.due_us = _NEVER_US if due_us is None else due_us
        self.rearm()

    def call(self, callback: "Callable[[Any], Any]", argument: object) -> None:
        """Run a soft callback: at once, or after the call that the interpreter is in.

        It is dropped where the queue is full, of a call or of callbacks that come too fast.
        """
        if self._stalled:
            if len(self._queue) < QUEUE_LENGTH:
                self._queue.append((callback, argument))
            return
        served_us = max(self._served_us, self.now_us)
        if served_us - self.now_us >= QUEUE_LENGTH * CALLBACK_US:
            return
        self._served_us = served_us + CALLBACK_US
        nested = self._nested
        self._nested = True
        try:
            if self._lost_interrupt:
                self._lost_interrupt = False
                raise KeyboardInterrupt
            callback(argument)
        except (
            Exception,
            KeyboardInterrupt,
        ) as error:  # the chip's scheduler prints it, and the program goes on
            print("Traceback (most recent call last):")
            print(type(error).__name__ + ":", error)
        finally:
            self._nested = nested

    # --- watchdog -----------------------------------------------------------------------

    def arm_watchdog(self, timeout_ms: int) -> None:
        """Arm the watchdog, or change its time-out. There is no way back."""
        self.watchdog_timeout_us = timeout_ms * 1000
        self.watchdog_fed_us = self.now_us
        if self.watchdog is None:
            self.watchdog = self.add_alarm(
                self.now_us + self.watchdog_timeout_us, self._check_watchdog
            )
        else:
            self.watchdog.due_us = self.now_us + self.watchdog_timeout_us
            self.rearm()

    def disarm_watchdog(self) -> None:
        """Disarm the watchdog, as only a reset does."""
        if self.watchdog is not None:
            self.alarms.remove(self.watchdog)
            self.watchdog = None
            self.rearm()

    def _check_watchdog(self) -> "int | None":
        due_us = self.watchdog_fed_us + self.watchdog_timeout_us
        if due_us > self.now_us:
            return due_us
        self.reset(WDT_RESET)
        return None

    # --- pins ---------------------------------------------------------------------------

    def read(self, pad: Pad) -> int:
        """Return the level on a pin, 0 or 1; a random one where nothing drives or pulls it."""
        if pad.route != INPUT or pad.held is not None:
            level = pad.instant(self.now_us)
            if level is not None:
                return level
        if pad.level_now is not None:
            return pad.level_now
        if pad.source is not None:
            level = pad.source()
            if level is not None:
                return level
        if pad.pull == PULL_UP:
            return 1
        if pad.pull == PULL_DOWN:
            return 0
        return (self.random() >> 8) & 1

    def watch(self, pad: Pad) -> None:
        """Look for edges on `pad` from now on."""
        pad.last_level = self.read(pad)
        if pad not in self.watched:
            self.watched.append(pad)

    # --- chance -------------------------------------------------------------------------

    def random(self) -> int:
        """Return the next of a repeatable sequence, 0 … 2**31 − 1."""
        self._random = (self._random * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        return self._random

    def _bell(self) -> float:
        """Return a roughly normal number with standard deviation 1."""
        total = sum([self.random() >> 8 for _ in range(12)])
        return total / (1 << 23) - 6.0

    def next_noise(self) -> float:
        """Return the next number of a table of noise with standard deviation 1."""
        index = self._noise_index + 1
        if index >= _NOISE_LENGTH:
            index = 0
        self._noise_index = index
        return self.noise[index]
