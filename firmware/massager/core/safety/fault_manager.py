"""Faults in force: every row of the fault table is debounced, latched and added up here."""

from array import array

from massager.core.safety import fault_table
from massager.core.units import ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class FaultGroup:
    """The faults of one table: debounced, latched, and folded into what they stop.

    `active` holds the bits of the faults in force, `stops` the union of their STOPS_*,
    `code` the code of the gravest one (0: none) and `gravity` its STOPS_*, `latched` those
    a person must clear. `awake`: something is in force or on its way, so that `update` has
    work to do even without a condition. `on_change`, if given, is called after every change.
    """

    def __init__(
        self, rows: "tuple[tuple[Any, ...], ...]", on_change: "Callable[[], None] | None" = None
    ) -> None:
        self._on_change = on_change
        self.active = 0
        self.stops = 0
        self.code = 0
        self.gravity = 0
        self.latched = 0
        self.awake = 0
        self.rows = rows
        self._counting = 0
        self._since_ms = array("i", [0] * len(rows))
        self._latching = 0
        for row in rows:
            if row[fault_table.STAYS]:
                self._latching |= row[fault_table.BIT]

    def update(self, now_ms: int, conditions: int) -> None:
        """Take this tick's condition word."""
        if conditions == self.active and not self._counting:
            return
        counting = conditions & ~self.active
        active = (self.active & conditions) | self.latched
        fresh = counting & ~self._counting
        self._counting = counting
        if counting:
            active |= self._count(now_ms, counting, fresh)
        self.awake = self._counting | active
        if active != self.active:
            self._settle(active)

    def _count(self, now_ms: int, counting: int, fresh: int) -> int:
        """Return the bits that have lasted long enough by now; `fresh` ones begin to count."""
        lasted = 0
        since_ms = self._since_ms
        for index in range(len(since_ms)):
            row = self.rows[index]
            bit = row[fault_table.BIT]
            if fresh & bit:
                since_ms[index] = now_ms
            if (
                counting & bit
                and ticks_diff(now_ms, since_ms[index]) >= row[fault_table.DEBOUNCE_MS]
            ):
                lasted |= bit
        self._counting = counting & ~lasted
        return lasted

    def latch(self, bits: int) -> None:
        """Put latched faults in force without a condition, as storage asks at power-up."""
        self._settle(self.active | (bits & self._latching))

    def clear(self) -> None:
        """Acknowledge the fault that is shown, if it latches; a lasting cause comes back."""
        for row in self.rows:
            if row[fault_table.CODE] == self.code:
                self._settle(self.active & ~(row[fault_table.BIT] & self._latching))
                return

    def _settle(self, active: int) -> None:
        self.active = active
        self.awake = active | self._counting
        self.latched = active & self._latching
        self.stops = 0
        self.code = 0
        gravest = -1
        for row in self.rows:
            if active & row[fault_table.BIT]:
                stops = row[fault_table.STOPS]
                self.stops |= stops
                if stops > gravest:
                    gravest = stops
                    self.code = row[fault_table.CODE]
        self.gravity = gravest
        if self._on_change is not None:
            self._on_change()


class FaultManager:
    """The four groups side by side, and what they add up to.

    `stops` is the union of STOPS_*, `code` the code to show (0: none), `latched` true
    while a person has to clear something; `active_bits` and `latched_bits` hold the words of
    the groups.
    """

    def __init__(self) -> None:
        self.heat = FaultGroup(fault_table.HEAT, self.add_up)
        self.air = FaultGroup(fault_table.AIR, self.add_up)
        self.motor = FaultGroup(fault_table.MOTOR, self.add_up)
        self.system = FaultGroup(fault_table.SYSTEM, self.add_up)
        self.groups = (self.heat, self.air, self.motor, self.system)
        self.active_bits = array("i", [0] * len(self.groups))
        self.latched_bits = array("i", [0] * len(self.groups))
        self.stops = 0
        self.code = 0
        self.latched = False

    def add_up(self) -> None:
        """Fold the groups together: one of them has changed."""
        self.stops = 0
        self.code = 0
        self.latched = False
        gravest = -1
        for index in range(len(self.groups)):
            group = self.groups[index]
            self.active_bits[index] = group.active
            self.latched_bits[index] = group.latched
            if group.active:
                self.stops |= group.stops
                if group.latched:
                    self.latched = True
                if group.gravity > gravest:
                    gravest = group.gravity
                    self.code = group.code

    def latch(self, words: "array[int]") -> None:
        """Put the faults of one word a group in force again, see `FaultGroup.latch`."""
        for index in range(len(self.groups)):
            self.groups[index].latch(words[index])

    def clear(self) -> None:
        """Acknowledge the one fault that is shown, see `FaultGroup.clear`."""
        for group in self.groups:
            if group.code == self.code:
                group.clear()
                return
