"""Errors of the chip's converter beyond noise and calibration: spikes, failures, fuses."""

ROLES = ("pad_temp_a", "pad_temp_b", "pressure", "supply")


class AdcFaults:
    """Faults of the converter; all off at first.

    `high[role]` and `low[role]`: one of so many samples is at full scale, or at the floor; 0:
    none. `failing`: one of so many reads fails, whatever the pin. `uncalibrated`: the chip has
    no calibration fuses. `low_top`: readings end at the lowest top that the data sheet allows.
    """

    def __init__(self) -> None:
        self.high = dict.fromkeys(ROLES, 0)
        self.low = dict.fromkeys(ROLES, 0)
        self.failing = 0
        self.uncalibrated = False
        self.low_top = False
        self.active = False  # whether any of them is on
