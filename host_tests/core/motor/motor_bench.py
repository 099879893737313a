"""A coarse motor for the regulator's and the guard's tests, in integers."""

from massager.core import limits, schedule
from massager.core.motor.guard import MotorGuard
from massager.core.motor.speed import MotorSpeed
from massager.core.motor.tach import TachSpeed
from massager.core.safety.fault_manager import FaultGroup
from massager.core.safety.fault_table import MOTOR
from massager.core.signals import MOTOR_STEADY, Measurements

LINE = {"rpm_at_12v": 3_000, "load_mv": 600}
TURN = 60_000  # rpm times ms


class MotorBench:
    """Connect regulator, guard and faults as the controller does, around a motor.

    `supply_mv` sags with the current; `load_mv` is the voltage that the load takes.
    """

    def __init__(self, has_tach=True, now_ms=0):
        self.speed = MotorSpeed(LINE)
        self.guard = MotorGuard(LINE)
        self.faults = FaultGroup(MOTOR)
        self.measured = Measurements()
        self.now_ms = now_ms
        self.has_tach = has_tach
        self.supply_mv = 12_000
        self.load_mv = 600
        self.rpm = 0
        self.blocked = False
        self.tach_lost = False
        self.tach_percent = 100  # edges for each true one
        self.shorted = False
        self.on = True
        self.permille = 0
        self.rested_ms = 0
        self._tach = TachSpeed(1)
        self._angle = 0
        self._edges = 0
        self._edge_us = 0
        self._turn_us = 0
        self._us = 0
        self._tick = 0

    def run(self, ms, set_rpm=1_400):
        """Run for `ms`."""
        for _ in range(ms // limits.TICK_MS):
            self.tick(set_rpm)

    def tick(self, set_rpm=1_400):
        """Run model and control for one tick."""
        self._turn()
        if not self._tick & schedule.ODD:
            self._control(set_rpm)
        self._tick += 1
        self.now_ms = (self.now_ms + limits.TICK_MS) % (1 << 30)

    def _control(self, set_rpm):
        """Do what the controller does on every second tick."""
        measured = self.measured
        if self.has_tach:
            self._tach.step(self._edges, self._turn_us, min(self._us - self._edge_us, 1_000_000))
            measured.motor_rpm = self._tach.rpm
            measured.motor_edges = self._edges
            measured.motor_updates = self._tach.updates
        self.guard.step(self.now_ms, measured, set_rpm, self.permille)
        if self._tick % schedule.TICKS == schedule.GUARD_MOTOR:
            self.guard.step_slow(measured, self.permille)
        self.faults.update(self.now_ms, self.guard.conditions)
        if self.guard.cut or self.faults.stops:
            self.speed.off()
            self.rested_ms += limits.MOTOR_TICK_MS
        elif self.on:
            self.speed.step(MOTOR_STEADY, set_rpm, measured)
        else:
            self.speed.stop()
        self.permille = self.speed.permille

    def _turn(self):
        permille = 1_000 if self.shorted else self.permille
        drive_mv = permille * self.supply_mv // 1000
        wanted = 0 if self.blocked else max(0, drive_mv - self.load_mv) * 10 // 38
        self.rpm = 0 if self.blocked else self.rpm + (wanted - self.rpm) // 8
        # a tenth of an ohm of supply, a third of one in the winding
        current_mv = max(0, drive_mv - self.rpm * 4)
        self.measured.supply_mv = self.supply_mv - current_mv * permille // 3_300
        self._us += limits.TICK_MS * 1000
        self._angle += self.rpm * limits.TICK_MS * self.tach_percent // 100
        if self._angle >= TURN:
            self._angle -= TURN
            if not self.tach_lost:
                late_us = self._angle * 1000 // max(self.rpm * self.tach_percent // 100, 1)
                edge_us = self._us - late_us
                self._turn_us = edge_us - self._edge_us
                self._edge_us = edge_us
                self._edges = (self._edges + 1) & 0xFFFF
