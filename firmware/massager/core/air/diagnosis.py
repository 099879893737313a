"""Name what is wrong with the air, from line tests, fills and holds.

It only adds conditions to the fault table; the guard does not depend on it.

- Line tests (every cycle, see line_test.py): kinked hose, valves stuck either way, weak or dead
  pump, frozen sensor.
- Fills: a looser or tighter wrap takes more or less air than learnt for the same slope. A weak
  pump would change both, but the line test has found it before. No pressure at all: the hose is
  off.
- Holds: air that had to be made up for is a leak.
"""

from micropython import const

from massager.core import limits
from massager.core.air.line_test import LineTest
from massager.core.air.patterns import EMPTIED_FILLS, stage_bit
from massager.core.air.pump import SLOPE_MS
from massager.core.safety import fault_table
from massager.core.signals import Settings

_WEAK_PERCENT = const(65)
_SLOW_PERCENT = const(65)
_LOOSE_PERCENT = const(130)
_TIGHT_PERCENT = const(70)
_FILL_SPREAD_MS = const(600)  # fills differ by less than this from cycle to cycle anyway
_NONE = const(-1)
_LEARN_SHIFT = const(2)  # a learnt value moves by a quarter of the difference each time

_WRAP = fault_table.WRAP_LOOSE | fault_table.WRAP_TIGHT
_LINES = (
    fault_table.HOSE_KINKED
    | fault_table.HOSE_OFF
    | fault_table.VALVE_STUCK_OPEN
    | fault_table.VALVE_STUCK_CLOSED
    | fault_table.PUMP_WEAK
    | fault_table.PUMP_OR_SENSOR_DEAD
    | fault_table.PRESSURE_FROZEN
)
_RETESTED = _LINES | fault_table.EXHAUST_STUCK | fault_table.LEAK  # anew by every line test


class Diagnosis:
    """Hold the `conditions` found, bits of the air group.

    Notices end with a cycle that goes well. The fill times and slopes of a sound leg, wrap and
    pump are learnt in `settings`. `compares_fills`: the fills of this cycle can be compared
    with those. `installed` are the board's chambers, as bits.
    """

    def __init__(self, settings: Settings, installed: int) -> None:
        self.compares_fills = False
        self._settings = settings
        self._installed = installed
        self.reset()

    def reset(self) -> None:
        """Start anew; the fault manager keeps what latches."""
        self.conditions = 0
        # stages (bits) that leaked in this cycle, in the last one, and in the last two
        self._leaking = 0
        self._leaked = 0
        self._leaked_twice = 0
        self._no_pressure = False
        self._abandoned_index = _NONE  # the stage whose last fill was abandoned
        # fills of this cycle, and how many took more or less air than learnt
        self._fills = 0
        self._loose = 0
        self._tight = 0

    def line_test_completed(self, test: LineTest, is_first: bool, pressure_stayed: bool) -> None:
        """Evaluate a line test with the pump.

        `is_first`: the cycle before it was the first one, and found empty chambers.
        `pressure_stayed`: the exhaust was open, and the manifold stayed under pressure.
        """
        line = self._line_condition(test)
        if self._no_pressure and not line:
            line = fault_table.HOSE_OFF
        self._no_pressure = False
        conditions = self.conditions & ~_RETESTED
        if self._fills:
            conditions = self._check_wrap(conditions & ~_WRAP, line, is_first)
        # a leak repeats; a leg that moves does not do so three times in the same stage
        leaking = self._leaking
        if leaking & self._leaked_twice:
            conditions |= fault_table.LEAK
        self._leaked_twice = leaking & self._leaked
        self._leaked = leaking
        self._leaking = 0
        if pressure_stayed and not line:
            conditions |= fault_table.EXHAUST_STUCK
        self.conditions = conditions | line

    def _line_condition(self, test: LineTest) -> int:
        """Return the one condition that explains the result of a line test, or 0."""
        if test.uncharged:
            if test.charger.flow_seen:
                return fault_table.VALVE_STUCK_OPEN
            return fault_table.PUMP_OR_SENSOR_DEAD
        if test.closed == self._installed or (test.closed and not test.sensor_moved):
            return fault_table.PRESSURE_FROZEN
        if test.slow:
            return fault_table.HOSE_KINKED
        if test.closed:
            return fault_table.VALVE_STUCK_CLOSED
        if test.charger.pulse_pa:
            return self._check_pump(test.charger.pulse_pa)
        return 0

    def _check_wrap(self, conditions: int, line: int, is_first: bool) -> int:
        """Add WRAP_LOOSE or WRAP_TIGHT if half the fills of a session's first cycle show it.

        In later cycles it is the leg that moves. The notice ends with a cycle that goes well.
        """
        wrap = 0
        if not line:
            if self._loose * 2 >= self._fills:
                wrap = fault_table.WRAP_LOOSE
            elif self._tight * 2 >= self._fills:
                wrap = fault_table.WRAP_TIGHT
        conditions |= wrap if is_first else wrap & self.conditions
        self._fills = 0
        self._loose = 0
        self._tight = 0
        return conditions

    def _check_pump(self, pulse_pa: int) -> int:
        """Compare the rise of one pump tick with the learnt one, or learn it."""
        settings = self._settings
        learnt_pa = settings.air_stroke_pa
        if pulse_pa * 100 < learnt_pa * _WEAK_PERCENT:
            return fault_table.PUMP_WEAK
        settings.air_stroke_pa = _blend(learnt_pa, pulse_pa)
        return 0

    def set_rest(self, rest_ms: int) -> None:
        """Set the rest between cycles; after another one the fills that follow it are learnt anew.

        Chambers go on emptying in a rest, so a fill after a longer one takes more air.
        """
        settings = self._settings
        if settings.air_rest_ms != rest_ms:
            settings.air_rest_ms = rest_ms
            fills_ms = settings.air_fill_ms
            for index in range(EMPTIED_FILLS):
                fills_ms[index] = 0

    def set_notice(self, condition: int, is_on: bool) -> None:
        """Set or clear a notice that ends when it is no longer true."""
        self.conditions = self.conditions & ~condition | (condition if is_on else 0)

    def fill_abandoned(self, index: int, fill_index: int, pressure_pa: int) -> None:
        """Evaluate a fill that was abandoned at `pressure_pa`, with the pump at rest.

        `index` and `fill_index`: see patterns.stage_index and patterns.fill_index.
        """
        fills_ms = self._settings.air_fill_ms
        if pressure_pa < limits.INFLATE_SIGN_PA:
            if fills_ms[fill_index] and self.compares_fills:
                self._fills += 1  # more air than learnt, whatever the reason
                self._loose += 1
            fills_ms[fill_index] = 0  # the next fill gets all the time there is …
            self._no_pressure = self._abandoned_index == index  # … and then the hose is off
            self._abandoned_index = index
        else:
            bit = stage_bit(index)
            self._leaking |= bit
            self._leaked_twice |= bit & self._leaked  # such a fill is long, and counts twice

    def fill_completed(self, index: int, fill_index: int, air_ms: int, slope_pa: int) -> None:
        """Compare a fill that took `air_ms` of pumping at full flow, and learn from it.

        `slope_pa` is the rise in SLOPE_MS; `index` and `fill_index` as for `fill_abandoned`.
        """
        settings = self._settings
        expected_ms = settings.air_fill_ms[fill_index]
        learnt_pa = settings.air_slope_pa[index]
        if self._abandoned_index == index:
            self._abandoned_index = _NONE
        if expected_ms and self.compares_fills:
            self._fills += 1
            extra_ms = air_ms - expected_ms
            if extra_ms > _FILL_SPREAD_MS and air_ms * 100 > expected_ms * _LOOSE_PERCENT:
                # more air than learnt: the wrap, unless the slope indicates pump or leak
                if slope_pa * 100 >= learnt_pa * _SLOW_PERCENT:
                    self._loose += 1
                return
            if -extra_ms > _FILL_SPREAD_MS and air_ms * 100 < expected_ms * _TIGHT_PERCENT:
                self._tight += 1
                return
        settings.air_fill_ms[fill_index] = _blend(expected_ms, air_ms)
        if slope_pa > 0:
            settings.air_slope_pa[index] = _blend(learnt_pa, slope_pa)

    def hold_completed(self, index: int, lost_ms: int, hold_ms: int) -> None:
        """Evaluate a hold of `hold_ms` that lost the air of `lost_ms` of pumping."""
        slope_pa = self._settings.air_slope_pa[index]
        if (
            lost_ms * 100 > hold_ms * limits.LEAK_PERCENT
            and lost_ms * slope_pa // SLOPE_MS * (limits.LEAK_MS // 100)
            > hold_ms // 100 * limits.LEAK_PA
        ):
            self._leaking |= stage_bit(index)


def _blend(learnt: int, fresh: int) -> int:
    return learnt + ((fresh - learnt) >> _LEARN_SHIFT) if learnt else fresh
