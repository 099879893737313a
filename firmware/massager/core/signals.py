"""What crosses the border of the core: inputs, measurements, wishes and outputs.

Each is allocated once. The hal fills `Inputs`, the core turns them into `Measured`,
the session writes `Targets`, the gate writes `Outputs`, the hal applies those.
"""

from array import array

BUTTON_POWER = 1
BUTTON_UP = 2
BUTTON_DOWN = 4
BUTTON_PROGRAM = 8
BUTTON_HEAT = 16

# What a person asked for, as the panel understood it: a word of bits each tick.
EVENT_POWER_EDGE = 1  # first edge of power, before any debounce: stops whatever runs
EVENT_START = 2
EVENT_CLEAR = 4
EVENT_LEVEL_UP = 8
EVENT_LEVEL_DOWN = 16
EVENT_NEXT_PROGRAM = 32
EVENT_CYCLE_HEAT = 64
EVENT_BOOST_HEAT = 128

ABSENT = -1
"""Value of an optional input that the board does not have."""


class Inputs:
    """What the hal read this tick. Voltages are those at the chip's pin."""

    def __init__(self):
        self.pad_a_uv = 0
        self.pad_b_uv = 0
        self.pressure_uv = 0
        self.supply_uv = ABSENT
        self.rail_uv = ABSENT
        self.heater_sense = ABSENT  # 1: the node between pad and low-side switch is live
        self.tach_edges = ABSENT  # edges since boot, modulo 2**16
        self.tach_period_us = 0  # time between the last two edges, 0 before the second
        self.buttons = 0  # BUTTON_* bits, 1 = pressed
        self.late_ms = 0  # how late this tick started


class Measured:
    """What the sensors say, in physical units."""

    def __init__(self):
        self.pad_temp_a_mc = 0
        self.pad_temp_b_mc = 0
        self.pad_temp_mc = 0  # the hotter of the two
        self.pressure_pa = 0  # manifold, relative to ambient
        self.supply_mv = ABSENT
        self.motor_rpm = ABSENT


class Targets:
    """What the session asks of the regulators. Off is a flag of its own, never a zero."""

    def __init__(self):
        self.heat_on = False
        self.heat_set_mc = 0
        self.air_on = False
        self.pressure_set_pa = 0
        self.motor_on = False
        self.motor_set_rpm = 0


class Outputs:
    """What the hal applies. A fresh one is safe: nothing energised, everything vented."""

    def __init__(self):
        self.pump_permille = 0
        self.chambers = 0  # bit n: valve of chamber n+1 energised, chamber on the manifold
        self.exhaust = False  # True: energised, the manifold is closed
        self.heater_enable = False
        self.heater_permille = 0
        self.motor_permille = 0
        self.pixels = bytearray(24)  # 8 LEDs, green-red-blue
        self.lamp = False  # the plain LED where there is no stick


class Settings:
    """What outlives power-off. Memory fills it before the core starts and keeps it after.

    A fresh one is a new device: no calibration, nothing latched.
    """

    def __init__(self):
        self.latched = array("i", [0, 0, 0, 0])  # fault words: heat, air, motor, system
        self.pad_a_offset_mc = 0  # one-point calibration of each NTC
        self.pad_b_offset_mc = 0
        self.pressure_offset_uv = 0  # zero of the pressure sensor against its data sheet
        self.chamber_order = 0  # digit n: the chamber_… role of the n-th from the ankle; 0: as is
        self.heat_unlocked = False  # `massager bringup` has passed on this very wiring
        self.dose_s = 0  # CEM43 seconds the skin has had lately
