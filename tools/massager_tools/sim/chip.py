"""The virtual ESP32: pads, clock, watchdog, timers and flash store, shared by the stand-ins.

It keeps the chip's bad habits: a pad stays as driven through exceptions and resets until
something re-routes it. Virtual time passes only in `advance`; there the plant moves, edges
and timers call back, and the watchdog bites. Runs on MicroPython and CPython.
"""

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

_SHORTEST_US = 1_500  # less than this the plant owes, and catches up with the next step
_BOOT_US = 350_000  # ROM, bootloader and interpreter, until boot.py starts
_NEVER_US = 1 << 60
_POLLS_FREE = 1_000  # reads of the clock without a sleep; then a busy loop is suspected …
_POLL_US = 10  # … and each further read takes time, or the loop would never end
_NOISE_LENGTH = 251  # prime, so that channels read in turn do not see the same noise
_OVERRUN_EVERY_US = 1_000_000

_chips: list = []


def install(chip):
    """Make `chip` the one of this process, before any stand-in is imported."""
    _chips.append(chip)


def current():
    """The one chip of this process."""
    return _chips[-1]


class ChipReset(BaseException):
    """The chip restarts: nothing of the program may run on. `cause` as `reset_cause()`."""

    def __init__(self, cause):
        super().__init__(cause)
        self.cause = cause


class ChipOff(BaseException):
    """The end of the virtual board's life: `reason` in a word."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Pad:
    """One pin: what drives it, and what is wired to it."""

    def __init__(self, number):
        self.number = number
        self.sink = None  # called with the drive, 0…1 or None for floating
        self.source = None  # returns 0, 1 or None for floating
        self.analog = None  # returns microvolts
        self.on_bits = None  # called with the bytes of a bit stream
        self.irq = None  # called with (rising) on an edge
        self.counter = None  # the same, for a pulse counter
        self.is_tach = False  # its edges come with their time from the motor
        self.seen = 0
        self.power_off()

    def power_off(self):
        """No power: nothing is driven, nothing remembered."""
        self.route = FLOATING
        self.level = 0
        self.pull = 0
        self.open_drain = False
        self.duty = 0.0
        self.inverted = False
        self.freq_hz = 0
        self.phase_us = 0
        self.held = None  # level that the pin is pulled to hard until the program starts
        self.tell()

    def drive(self):
        """What the pad puts out: a share 0…1 of the time high, or None."""
        if self.held is not None:
            return self.held
        if self.route == GPIO:
            if self.open_drain and self.level:
                return None
            return 1.0 if self.level else 0.0
        if self.route == LEDC:
            return 1.0 - self.duty if self.inverted else self.duty
        return None

    def tell(self):
        """Let the wiring know that the drive may have changed."""
        if self.sink is not None:
            self.sink(self.drive())

    def instant(self, now_us):
        """The level that the pad drives at this very moment: 0, 1 or None."""
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

    def __init__(self, due_us, action):
        self.due_us = due_us
        self.action = action


class Chip:
    """`facts` is what `chip_facts` says of this chip; `adc` the parameters' section "adc"."""

    def __init__(self, facts, plant, adc, seed, ticks_start_ms=0, nvs=None):
        self.facts = facts
        self.plant = plant
        self.adc = adc
        self.pads = {number: Pad(number) for number in facts["pins"]}
        self.nvs = {} if nvs is None else nvs  # namespace -> key -> int or bytes
        self.nvs_pending = []  # (namespace, key, value); what was not committed is lost
        self.now_us = 0
        self.ticks_start_us = ticks_start_ms * 1000
        self.reset_cause = PWRON_RESET
        self.boots = 0
        self.frozen = None  # the reset or end under way: nothing works any more
        self.cpu_hz = 160_000_000
        self.pixels = ""
        self.alarms = []
        self.watchdog = None
        self.watchdog_timeout_us = 0
        self.watchdog_fed_us = 0
        self.pwm_freqs = {}  # pin -> frequency, of the channels that the program has open
        self.timers = []  # alarms of running timers
        self.watched = []  # pads with callbacks on edges
        self._alarm_us = _NEVER_US
        self._plant_us = 0
        self._nested = False
        self._owed_us = 0
        self._stalled = False
        self._queue = []
        self._polls = 0
        self._overrun_us = 0
        self._random = (seed * 2_654_435_761 + 12_345) & 0x7FFFFFFF
        self.noise = [self._bell() for _ in range(_NOISE_LENGTH)]
        self._noise_index = 0
        self.unique_id = bytes([self.random() & 0xFF for _ in range(6)])

    def attach(self, wiring, recorder):
        """Before the first step: the `Wiring`, and who is told after every step of the plant."""
        self.wiring = wiring
        self.recorder = recorder

    # --- life and death -----------------------------------------------------------------

    def start(self):
        """The time from reset to boot.py. What the last program set up is gone, the pads not."""
        self.boots += 1
        self.frozen = None
        self.nvs_pending = []
        self.pwm_freqs = {}
        self._drop_callbacks()
        self.disarm_watchdog()
        for number in self.facts["reset_glitch"]:
            self._hold(number, 1.0)
        self.advance(_BOOT_US)
        for number in self.facts["reset_glitch"]:
            self._hold(number, None)

    def soft_start(self):
        """A soft reset: PWM stops, low (or high where inverted); the watchdog ticks on."""
        self.frozen = None
        self.reset_cause = SOFT_RESET
        self._drop_callbacks()
        for number in self.pwm_freqs:
            pad = self.pads[number]
            pad.duty = 0.0
            pad.tell()
        self.pwm_freqs = {}

    def lose_power(self, off_us):
        """Power is gone for a while. What was not committed to flash is lost."""
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

    def reset(self, cause):
        """Restart the chip: raises out of the program, which never runs on."""
        self.reset_cause = cause
        self.stop(ChipReset(cause))

    def stop(self, end):
        """Freeze everything and raise `end`."""
        self.frozen = end
        self._nested = False
        self._stalled = False
        self._owed_us = 0
        self._queue = []
        raise end

    def _hold(self, number, level):
        pad = self.pads[number]
        # a pad that still runs PWM or is driven is not disturbed by the reset
        if pad.route in (FLOATING, INPUT) or level is None:
            pad.held = level
            pad.tell()

    def _drop_callbacks(self):
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

    def ticks_us(self):
        """The free-running clock, not yet wrapped."""
        self._polls += 1
        if self._polls > _POLLS_FREE:
            self.advance(_POLL_US)
            self._polls = _POLLS_FREE
        return self.ticks_start_us + self.now_us

    def add_alarm(self, due_us, action):
        """Call `action` at `due_us`; it returns when it is due again, or None."""
        alarm = Alarm(due_us, action)
        self.alarms.append(alarm)
        self.rearm()
        return alarm

    def rearm(self):
        """After a change of some alarm's `due_us`."""
        earliest_us = _NEVER_US
        for alarm in self.alarms:
            if alarm.due_us < earliest_us:
                earliest_us = alarm.due_us
        self._alarm_us = earliest_us

    def advance(self, us, stalled=False):
        """Let `us` microseconds pass. `stalled`: in a call, so that callbacks must wait."""
        if self.frozen is not None:
            raise self.frozen
        self._polls = 0
        if self._nested:  # a callback that sleeps makes its caller late
            self._owed_us += us
            return
        plant_faults = self.plant.chip
        if plant_faults.hangs:
            us = _NEVER_US
            stalled = True
        elif plant_faults.overrun_ms and self.now_us >= self._overrun_us:
            self._overrun_us = self.now_us + _OVERRUN_EVERY_US
            us += plant_faults.overrun_ms * 1000
        self._stalled = stalled
        end_us = self.now_us + us
        while True:
            stop_us = self.now_us + STEP_US
            if stop_us > end_us:
                stop_us = end_us
            if stop_us > self._alarm_us:
                stop_us = self._alarm_us
            self._step(stop_us)
            if stop_us >= self._alarm_us:
                self._ring()
            if self._owed_us:
                end_us += self._owed_us
                self._owed_us = 0
            if self.now_us >= end_us:
                break
        if stalled:
            self._stalled = False
            waiting = self._queue
            self._queue = []
            for callback, argument in waiting:
                self.call(callback, argument)

    def _step(self, stop_us):
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

    def _tach_edges(self, motor, start_us, dt_us):
        """Give every edge of this step to its listeners, at its own time."""
        for share, rises in zip(motor.edge_shares, motor.edge_rises):
            self.now_us = start_us + int(share * dt_us)
            for pad in self.watched:
                if pad.is_tach:
                    self._edge(pad, rises)

    def _other_edges(self):
        for pad in self.watched:
            if pad.is_tach:
                continue
            level = self.read(pad)
            if level != pad.seen:
                pad.seen = level
                self._edge(pad, level == 1)

    def _edge(self, pad, rising):
        if pad.counter is not None:
            pad.counter(rising)
        if pad.irq is not None:
            pad.irq(rising)

    def _ring(self):
        now_us = self.now_us
        for alarm in self.alarms[:]:  # an action may add or remove some
            if alarm.due_us <= now_us:
                due_us = alarm.action()
                alarm.due_us = _NEVER_US if due_us is None else due_us
        self.rearm()

    def call(self, callback, argument):
        """A soft callback: at once, or after the call that the interpreter is in."""
        if self._stalled:
            if len(self._queue) < QUEUE_LENGTH:
                self._queue.append((callback, argument))
            return
        nested = self._nested
        self._nested = True
        try:
            callback(argument)
        except Exception as error:  # the chip's scheduler tells it, and the program goes on
            print("Traceback (most recent call last):")
            print(type(error).__name__ + ":", error)
        finally:
            self._nested = nested

    # --- watchdog -----------------------------------------------------------------------

    def arm_watchdog(self, timeout_ms):
        """From here on it bites. Arming again changes the time-out; there is no way back."""
        self.watchdog_timeout_us = timeout_ms * 1000
        self.watchdog_fed_us = self.now_us
        if self.watchdog is None:
            self.watchdog = self.add_alarm(self.now_us + self.watchdog_timeout_us, self._bite)
        else:
            self.watchdog.due_us = self.now_us + self.watchdog_timeout_us
            self.rearm()

    def disarm_watchdog(self):
        """Only a reset does this."""
        if self.watchdog is not None:
            self.alarms.remove(self.watchdog)
            self.watchdog = None
            self.rearm()

    def _bite(self):
        due_us = self.watchdog_fed_us + self.watchdog_timeout_us
        if due_us > self.now_us:
            return due_us
        self.reset(WDT_RESET)

    # --- pins ---------------------------------------------------------------------------

    def read(self, pad):
        """The level on a pin, 0 or 1. One that nothing drives or pulls reads anything."""
        if pad.route != INPUT or pad.held is not None:
            level = pad.instant(self.now_us)
            if level is not None:
                return level
        if pad.source is not None:
            level = pad.source()
            if level is not None:
                return level
        if pad.pull == PULL_UP:
            return 1
        if pad.pull == PULL_DOWN:
            return 0
        return (self.random() >> 8) & 1

    def watch(self, pad):
        """Look for edges on `pad` from now on."""
        pad.seen = self.read(pad)
        if pad not in self.watched:
            self.watched.append(pad)

    # --- chance -------------------------------------------------------------------------

    def random(self):
        """The next of a repeatable sequence, 0 … 2**31 − 1."""
        self._random = (self._random * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        return self._random

    def _bell(self):
        """Roughly normal with standard deviation 1."""
        total = sum([self.random() >> 8 for _ in range(12)])
        return total / (1 << 23) - 6.0

    def next_noise(self):
        """The next number of a table of noise with standard deviation 1."""
        index = self._noise_index + 1
        if index >= _NOISE_LENGTH:
            index = 0
        self._noise_index = index
        return self.noise[index]
