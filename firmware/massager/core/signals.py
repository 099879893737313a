"""The records that cross the border of the core: inputs, setpoints, outputs, status.

Each is allocated once. The hal fills `Inputs`, the core turns them into `Measurements`,
the session writes `Setpoints`, the gate writes `Outputs`, the hal applies those. `Status` is
what all other parts may read.
"""

from array import array

BUTTON_POWER = 1
BUTTON_UP = 2
BUTTON_DOWN = 4
BUTTON_PROGRAM = 8
BUTTON_HEAT = 16

# What a person asked for, as the panel understood it: a word of bits each tick.
EVENT_POWER_EDGE = 1  # first contact of power, before any debounce: stops whatever runs
EVENT_START = 2
EVENT_CLEAR = 4
EVENT_LEVEL_UP = 8
EVENT_LEVEL_DOWN = 16
EVENT_NEXT_PROGRAM = 32
EVENT_CYCLE_HEAT = 64
EVENT_BOOST_HEAT = 128
EVENT_FREEZE = 256  # the level stays where it is instead of rising on
EVENT_SKIP = 512  # on to the taper
EVENT_RELIEF = 1024  # the relief program, at once
EVENT_LOCK = 2048  # lock or unlock the panel
EVENT_FEELING_UP = 4096
EVENT_FEELING_DOWN = 8192
EVENT_RESUME = 16384  # after a pause
EVENT_END_PAUSE = 32768  # stop instead of resuming
EVENT_READY_TO_CLEAR = 65536  # the hold before the press that clears a fault

# What storage asks of the core: a word of bits each tick.
STORAGE_WAITS = 1  # for a moment in which nothing is driven
STORAGE_REFUSES = 2  # what has to outlive power-off could not be written

# How the motor's speed moves over time: rows of core/motor/patterns.py.
MOTOR_STEADY = 0
MOTOR_SWELL = 1
MOTOR_PULSE = 2
MOTOR_FADE = 3

PROGRAMS_MAX = 16
FREEZE_FRAMES = 4
FREEZE_FRAME_FIELDS = 9

# How the chambers take turns; what each means is data in air/patterns.py.
PATTERN_WAVE = 0  # distal to proximal, all held at the end
PATTERN_RIPPLE = 1  # one after the other
PATTERN_SQUEEZE = 2  # all together, once a minute
PATTERN_FOOT_FIRST = 3  # the most distal one first, then all
PATTERNS = 4
STAGES = 4  # the most a pattern has

ABSENT = -1
"""Value of an optional input that the board does not have."""


PIN_MAX_UV = 50_000_000
"""More than any pin survives: within ± this, ten readings of a voltage add up to a small int."""


class Inputs:
    """Readings of the hal in this tick. Voltages are those at the chip's pin, ± PIN_MAX_UV."""

    def __init__(self) -> None:
        self.pad_a_uv = 0
        self.pad_b_uv = 0
        self.pressure_uv = 0
        self.supply_uv = ABSENT
        self.rail_uv = ABSENT
        self.heater_sense = ABSENT  # 1: the node between pad and low-side switch is live
        self.tach_edges = ABSENT  # edges since boot, modulo 2**16
        self.tach_turn_us = 0  # time of the last whole turn, 0 before there was one
        self.tach_age_us = 0  # time since the last edge
        self.buttons = 0  # BUTTON_* bits, 1 = pressed
        self.late_ms = 0  # how late this tick started


class Measurements:
    """Sensor values in physical units."""

    def __init__(self) -> None:
        self.pad_temp_a_mc = 0
        self.pad_temp_b_mc = 0
        self.pad_temp_mc = 0  # the hotter of the two
        self.pressure_pa = 0  # manifold, relative to ambient
        self.pressure_guard_pa = 0  # the same with the zero of bring-up, for the guard
        self.supply_mv = ABSENT
        self.motor_rpm = ABSENT
        self.motor_edges = ABSENT  # the tach's edges so far
        self.motor_updates = 0  # counts values of motor_rpm worth acting on, modulo 2**8


class Setpoints:
    """Requests of the session to the regulators. Off is a flag of its own, never a zero."""

    def __init__(self) -> None:
        self.heat_on = False
        self.heat_set_mc = 0
        self.air_on = False
        self.pressure_set_pa = 0
        self.pattern = PATTERN_WAVE
        self.hold_ms = 5_000  # [trial] squeezed for 5 s
        self.rest_ms = 4_000  # from release to the next stroke
        self.gradient_permille = 0  # ripple: each chamber is set this much lower than the last
        # at night: the pump runs slowly where the limits leave time, and the chambers are released
        # one after the other, the most proximal one first
        self.quiet = False
        self.boost_chamber = 0  # 1…4 gets more, 0: none
        self.boost_permille = 1_000  # … of the pressure, where the pattern gives it a turn
        self.boost_ms = 0  # … and this much longer a hold
        self.motor_on = False
        self.motor_set_rpm = 0  # the most the pattern reaches
        self.motor_pattern = MOTOR_STEADY


class Outputs:
    """Levels that the hal applies. A fresh one is safe: nothing energised, everything vented."""

    def __init__(self) -> None:
        self.pump_permille = 0
        self.chambers = 0  # bit n: valve of chamber n+1 energised, chamber on the manifold
        self.exhaust = False  # True: energised, the manifold is closed
        self.heater_enable = False
        self.heater_permille = 0
        self.motor_permille = 0
        self.pixels = bytearray(24)  # 8 LEDs, green-red-blue
        self.lamp = False  # the plain LED where there is no stick

    def driven(self) -> bool:
        """Return whether anything but lights is energised."""
        return bool(
            self.pump_permille
            or self.chambers
            or self.exhaust
            or self.heater_enable
            or self.motor_permille
        )


class Reported:
    """Conditions for the fault table that other parts than the guards have found."""

    def __init__(self) -> None:
        self.air = 0  # by self-test and diagnosis: bits of the air group
        self.system = 0  # by panel and storage: bits of the system group


class Status:
    """State of the device for all readers; the controller fills it, nobody else writes it.

    Lights, telemetry, black box, storage and replay read this and `Outputs`. `measured`,
    `setpoints`, `active`, `latched` and `session_record` are the controller's own records,
    current in every tick.
    """

    def __init__(
        self,
        measured: Measurements,
        setpoints: Setpoints,
        active: "array[int]",
        latched: "array[int]",
        session_record: "array[int]",
    ) -> None:
        self.measured = measured
        self.setpoints = setpoints
        self.active = active  # faults in force, a word of bits a group
        self.latched = latched  # those of them that a person must clear
        self.session_record = session_record  # see session/session_record.py
        # in every tick, because lights, storage and black box act on them at once
        self.tick = 0  # 0…9, see schedule.py
        self.now_ms = 0
        self.state = 0  # supervisor.*
        self.fault_code = 0  # of the gravest fault in force, 0: none
        self.stops = 0  # STOPS_* of all faults in force
        self.has_latched = False
        self.is_still = False  # the request to hold still is met: nothing is driven
        # at schedule.REPORT, and at once when a button is touched or the state changes
        self.program = 0  # index
        self.level = 0  # 1…5
        self.heat_level = 0  # 0 off, 1…3, 4 boost
        self.heat_waits = False  # for a button, pressed since the session began
        self.left_ms = 0  # of the session
        self.stretch_ms = 0  # how long the lights still remind of stretching
        self.feeling = 0  # 0…10 while it is being entered, else NO_ANSWER
        self.session_revision = 0  # counts completions and changes of `session_record`
        self.locked = False  # the panel
        self.untouched_ms = 0  # since a contact was last closed
        self.cycles = 0  # of the air, since power-up
        self.late_ticks = 0
        # at schedule.REPORT and schedule.DOSE
        self.dose_s = 0  # CEM43
        self.dose_stored_s = 0  # what to keep of it over power-off
        self.dose_left_min = 0  # at the present temperature
        self.dose_spent = False


class Settings:
    """Settings that outlive power-off, loaded before the core starts and stored as they change.

    A fresh one is a new device: no calibration, nothing latched, nothing remembered. Every
    attribute is a small integer or an array of them.
    """

    def __init__(self) -> None:
        self.latched = array("i", [0, 0, 0, 0])  # fault words: heat, air, motor, system
        # the newest faults that latched: code and readings, see safety/freeze_frame.py
        self.freeze_frames = array("i", [0] * (FREEZE_FRAMES * FREEZE_FRAME_FIELDS))
        self.pad_a_offset_mc = 0  # one-point calibration of each NTC
        self.pad_b_offset_mc = 0
        self.pad_bend_mc = 0  # how far full power bends the pad, heat/heater_check.py; 0: unknown
        self.pressure_offset_uv = 0  # the pressure sensor's zero at bring-up, off the data sheet
        self.chamber_order = 0  # digit n: the chamber_… role of the n-th from the ankle; 0: as is
        self.proven_wiring = 0  # `wiring_id` of the board that bring-up passed on: it may heat
        # what the air has learnt of this leg and pump, see air/diagnosis.py
        self.air_fill_ms = array("i", [0] * 2 * PATTERNS * STAGES)  # see patterns.fill_index
        self.air_slope_pa = array("i", [0] * PATTERNS * STAGES)  # see patterns.stage_index
        self.air_stroke_pa = 0
        self.air_rest_ms = 0
        self.dose_s = 0  # CEM43 seconds the skin has had lately
        self.dose_spent = 0  # 1: … and it must fade to DOSE_AGAIN_CEM43_S before any heat
        self.program = 0  # the one that *power* starts
        self.heat_level = 0  # last chosen: 0 off, 1…3
        self.last_level = 0  # last comfortable one of any program, 0: none yet
        self.comfort_levels = array("i", [0] * PROGRAMS_MAX)  # by program, 0: none yet
