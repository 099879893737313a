"""Sensor readings of the moment when a fault latched, stored with the fault."""

from micropython import const

from massager.core.safety import fault_table
from massager.core.signals import (
    FREEZE_FRAME_FIELDS,
    FREEZE_FRAMES,
    Measurements,
    Outputs,
    Settings,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from massager.core.safety.fault_manager import FaultGroup

CODE = const(0)
STATE = const(1)
PAD_A_MC = const(2)
PAD_B_MC = const(3)
PRESSURE_PA = const(4)
SUPPLY_MV = const(5)
MOTOR_RPM = const(6)
CHAMBERS = const(7)
HEATER_PERMILLE = const(8)
FIELDS = (
    "code",
    "state",
    "pad_a_mc",
    "pad_b_mc",
    "pressure_pa",
    "supply_mv",
    "motor_rpm",
    "chambers",
    "heater_permille",
)


class FreezeFrames:
    """Update `settings.latched` and `settings.freeze_frames`, the newest fault first.

    `holding` while some fault is kept as latched.
    """

    def __init__(self, settings: Settings) -> None:
        self.holding = True
        self._latched = settings.latched
        self._rows = settings.freeze_frames

    def step(
        self,
        state: int,
        groups: "tuple[FaultGroup, ...]",
        measured: Measurements,
        outputs: Outputs,
    ) -> None:
        """Take note of what has latched or was let go since the last call.

        `outputs` are those in force when the fault was found.
        """
        latched = self._latched
        self.holding = False
        for index in range(len(groups)):
            group = groups[index]
            word = group.latched
            fresh = word & ~latched[index]
            latched[index] = word
            if word:
                self.holding = True
            if fresh:
                for row in group.rows:
                    if fresh & row[fault_table.BIT]:
                        self._note(row[fault_table.CODE], state, measured, outputs)

    def _note(self, code: int, state: int, measured: Measurements, outputs: Outputs) -> None:
        rows = self._rows
        for index in range(FREEZE_FRAME_FIELDS * FREEZE_FRAMES - 1, FREEZE_FRAME_FIELDS - 1, -1):
            rows[index] = rows[index - FREEZE_FRAME_FIELDS]
        rows[CODE] = code
        rows[STATE] = state
        rows[PAD_A_MC] = measured.pad_temp_a_mc
        rows[PAD_B_MC] = measured.pad_temp_b_mc
        rows[PRESSURE_PA] = measured.pressure_pa
        rows[SUPPLY_MV] = measured.supply_mv
        rows[MOTOR_RPM] = measured.motor_rpm
        rows[CHAMBERS] = outputs.chambers
        rows[HEATER_PERMILLE] = outputs.heater_permille
