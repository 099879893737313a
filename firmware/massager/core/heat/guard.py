"""Watches the pad: sees measurements and what was commanded, shares nothing with the regulator."""

from massager.core import limits
from massager.core.safety import faults


class HeatGuard:
    """Raises the heat conditions of the fault table, ten times a second.

    `conditions` is the word for the fault group. `cut` forces the PWM to zero without
    any fault: from set + 1.0 °C or from 45.0 °C, whichever is lower.
    """

    def __init__(self):
        self.conditions = 0
        self.cut = True

    def step(self, measured, set_mc):
        """Judge one pair of readings; `set_mc` is the set-point in force."""
        a_mc = measured.pad_temp_a_mc
        b_mc = measured.pad_temp_b_mc
        hot_mc = a_mc if a_mc > b_mc else b_mc
        self.cut = hot_mc >= limits.HEAT_CUT_MC or hot_mc >= set_mc + limits.HEAT_CUT_OVER_SET_MC
        found = 0
        if hot_mc >= limits.PAD_WARNING_MC:
            found |= faults.PAD_OVER_TEMP_WARNING
            if hot_mc >= limits.PAD_TRIP_MC:
                found |= faults.PAD_OVER_TEMP_TRIP
        if a_mc < limits.NTC_MIN_MC or a_mc > limits.NTC_MAX_MC:
            found |= faults.NTC_A_INVALID
        if b_mc < limits.NTC_MIN_MC or b_mc > limits.NTC_MAX_MC:
            found |= faults.NTC_B_INVALID
        apart_mc = abs(a_mc - b_mc)
        if apart_mc > limits.NTC_DISAGREE_WARNING_MC:
            found |= faults.NTC_DISAGREE_WARNING
            if apart_mc > limits.NTC_DISAGREE_TRIP_MC:
                found |= faults.NTC_DISAGREE_TRIP
        self.conditions = found
