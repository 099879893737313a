"""Every safety number, each with its reason. Programs and boards move inside these.

Sources in brackets: [skin] burn-dose data, 44 °C for 6 h and half the time per kelvin
above; [CEM43] thermal-dose formula, van Rhoon 2013; [trial] Lettieri & Eliasson, Chest
2009;135:74; [klipper] [marlin] the heater watchers of the 3D-printer firmwares;
[delfi] alarm rules of the Delfi tourniquet; [physics] pad, pump and valve data of the
reference hardware. Pressures are pascals: 1 mmHg = 133.322 Pa.
"""

from micropython import const

# --- tick -----------------------------------------------------------------------------
TICK_MS = const(10)  # 100 Hz: a button edge or an over-pressure is seen within 10 ms
AIR_TICK_MS = const(20)  # the air's regulator and guard: filling takes seconds, a valve 20 ms
MOTOR_TICK_MS = const(20)  # the motor's regulator and guard: a turn takes 25 ms or more
SLOW_TICKS = const(10)  # heat law, dose, session, indicator: every tenth tick
LATE_COUNT_MS = const(50)  # a tick this late is counted
LATE_TRIP_MS = const(500)  # so long without control, something driven: stop
LATE_SLACK_MS = const(2)  # a tick may be this late: jitter, not lost time
# Hardware watchdog: four times a slow flash write (300 ms), of which a tick does one. Until it
# bites, a hang leaves everything on: the pump goes on filling the chamber that is open.
WATCHDOG_MS = const(1_200)
LEASE_TICKS = const(3)  # an output not renewed for this long goes safe

# --- heat: set-points -----------------------------------------------------------------
HEAT_SET_MIN_MC = const(40_000)
HEAT_SET_MAX_MC = const(45_000)
HEAT_LEVELS_MC = (41_000, 42_000, 43_000)
HEAT_BOOST_MC = const(44_500)
HEAT_BOOST_MS = const(600_000)  # 10 min at 44.5 °C is 28 CEM43 minutes, half a session's dose
HEAT_DEFAULT_MS = const(1_200_000)
HEAT_MAX_MS = const(1_800_000)
HEAT_LEAD_MAX_MC = const(320)  # a reading this far above the set-point is no error

# --- heat: cut-offs -------------------------------------------------------------------
HEAT_CUT_OVER_SET_MC = const(1_000)  # PWM is zero from set + 1.0 °C …
HEAT_CUT_MC = const(45_000)  # … or from 45.0 °C, whichever is lower
# … or from where the reading is going: a pad at full power is 4 °C ahead of its sensor
HEAT_CUT_AHEAD_S = const(6)
HEAT_CUT_AHEAD_MC = const(500)
PAD_WARNING_MC = const(45_500)
PAD_WARNING_MS = const(3_000)
PAD_TRIP_MC = const(47_000)  # [skin] 47 °C burns in 45 min; the pad is far off it at the trip
PAD_TRIP_READINGS_MASK = const(31)  # two of the last five readings: within 0.5 s at 10 Hz

# --- heat: dose -----------------------------------------------------------------------
DOSE_TELL_CEM43_S = const(9 * 60)  # [CEM43] 9 min: tissue effects begin, controlled
DOSE_END_CEM43_S = const(60 * 60)  # a twelfth of 44 °C for 6 h
DOSE_AGAIN_CEM43_S = const(45 * 60)  # heat comes back when a quarter has faded: 2 h of rest
DOSE_REST_S = const(8)  # rest that lets 1 s fade: 60 min in 8 h, at most 240 in 24 h
DOSE_RESERVE_CEM43_S = const(49 * 60)  # the most a session gives: 10 min boost, 20 at 43 °C
DOSE_MOST_CEM43_S = const(4 * 60 * 60)  # counted no further; rest still fades it, in 32 h

# --- heat: switches -------------------------------------------------------------------
# On each switch-on the high side closes this long before the low side: `heater_sense` has
# to see the node live, so the low side blocks. Off, it has to see the node dead.
HEATER_PROOF_TICKS = const(15)
HEATER_SENSE_TICKS = const(4)  # 80 ms of the wrong level, looked at on every second tick

# --- heat: plausibility ---------------------------------------------------------------
NTC_MIN_MC = const(5_000)
NTC_MAX_MC = const(60_000)
# A short reads this or more: an ESP32 sees no less than 105 mV, and with the NTC to the rail
# an S3 no more than 1.5 V. A real pad that hot would have tripped long before.
NTC_SHORT_MC = const(62_000)
# [physics] A regulator is 2 % off and its divider 1.5: more is a broken wire in the rail's
# divider, and taken for the rail it would turn each reading by 1 °C and more.
RAIL_OFF_MAX_PERMILLE = const(40)
# A reading of a pad's pin that is farther from the mean before it is a spike: [physics] the pad
# moves a pin by 5 mV in the meantime, and a converter's noise is a tenth of this.
PIN_SPIKE_UV = const(100_000)
NTC_INVALID_MS = const(150)  # the third sample at 10 Hz, however the loop jitters
NTC_SLOPE_MC_PER_S = const(2_000)  # [physics] a 24 W pad manages 0.53 °C/s
NTC_SLOPE_MS = const(150)
NTC_DISAGREE_WARNING_MC = const(3_000)
NTC_DISAGREE_WARNING_MS = const(10_000)
NTC_DISAGREE_TRIP_MC = const(5_000)
NTC_DISAGREE_TRIP_MS = const(5_000)
# No power that may be warms the pad any more: the heater is checked once power has been on for
# this long, [physics] three lags of a thermistor, so that the start does not look like it.
NO_HEAT_MS = const(25_000)
NO_HEAT_PERMILLE = const(900)
# How far a change of power bends the pad's temperature in two lags of a thermistor is its own,
# and next to nothing of the leg's or the room's. [physics] 7 W in 80 J/K: 0.5 °C, 24 W in 40 J/K
# with a thermistor over its wire: 5 °C.
PAD_BEND_MS = const(16_000)
PAD_BEND_LEAST_MC = const(400)
PAD_BEND_MOST_MC = const(8_000)
PAD_BEND_PERMILLE = const(200)  # with less power than this the bend drowns in noise
PAD_CALM_MS = const(32_000)  # so long after a change of power its lags are over
# What holds the pad at its set-point is known after this long within the band …
HOLD_SETTLE_MS = const(30_000)
HOLD_BAND_MC = const(300)
HOLD_FORGET_MS = const(60_000)  # … and until the heat has been off for longer than any check.
HOLD_COOLING_MS = const(600_000)  # after a lower set-point skin gives back what it has taken up
# A pad close below its set-point may get a fifth more: what a blanket taken off takes.
HOLD_MORE_PERMILLE = const(200)
HOLD_NEAR_MC = const(1_000)
# One that reads this far below it gets no more than held it, however far: nothing but a leg that
# came or went explains that, or readings that sink by themselves.
HOLD_FAR_MC = const(3_000)
# One thermistor has moved no further than this, at half power or more, while the other …
NTC_STUCK_MC = const(100)
NTC_STUCK_PERMILLE = const(500)
# … moved so far: the heater is checked. [physics] Spots 0.4 of the drop from wire to face apart:
# 1.7 °C
NTC_STUCK_OTHER_MC = const(2_000)
# A converter has noise, a thousandth of its range at least; means of ten readings that are the
# same to the last bit for this long under power come from one that stands still.
NTC_SILENT_MS = const(5_000)
# Whether it is stuck shows without heat: [physics] 7 W in 80 J/K cool by 0.4 °C in this time,
# lag included.
HEATER_CHECK_MS = const(30_000)
HEATER_CHECK_FALL_MC = const(200)
HEATER_CHECK_AGAIN_MS = const(300_000)  # at the latest; a pad that does not rise is weak
WELDED_OFF_MS = const(20_000)
WELDED_MIN_MC = const(38_000)  # a leg at 33 °C warms a cold pad: never trip below this
WELDED_RISE_MC = const(1_000)
WELDED_MS = const(60_000)

# --- air: set-points ------------------------------------------------------------------
PRESSURE_LEVELS_PA = (2_666, 3_000, 3_333, 3_666, 4_000)  # 20.0 22.5 25.0 27.5 30.0 mmHg
PRESSURE_SET_MIN_PA = const(1_333)  # 10 mmHg: less looks like the wrap's weight
PRESSURE_SET_MAX_PA = const(5_333)  # 40 mmHg, the most a program may ask
HOLD_SET_MAX_MS = const(15_000)  # leaves room below HOLD_MAX_MS
HOLD_SET_TWICE_MAX_MS = const(9_500)  # the same where a chamber is held twice in a cycle
REST_SET_MIN_MS = const(2_000)  # blood needs time to come back
REST_SET_MAX_MS = const(55_000)  # with a hold of 5 s one squeeze a minute [trial]
GRADIENT_SET_MAX_PERMILLE = const(250)
BOOST_SET_MAX_PERMILLE = const(1_200)
BOOST_SET_MAX_MS = const(5_000)

# --- air: cut-offs --------------------------------------------------------------------
PRESSURE_WARNING_PA = const(6_000)  # 45 mmHg: vent
PRESSURE_WARNING_MS = const(500)  # a leg that moves bumps the pressure for less
PRESSURE_TRIP_PA = const(7_333)  # 55 mmHg; the relief valve opens at 60–65
PRESSURE_TRIP_MS = const(100)
PRESSURE_WARNINGS_MAX = const(3)  # the third within an hour has a cause that venting leaves
PRESSURE_VALID_MIN_PA = const(-667)  # −5 mmHg
PRESSURE_VALID_MAX_PA = const(9_333)  # 70 mmHg: the sensor saturates at 75
PRESSURE_INVALID_MS = const(30)
PRESSURE_ZERO_PA = const(667)  # the zero may be this far off after …
# … and drifts no farther than this from that of bring-up. A sensor whose 5 V sag to 75 % shows
# 625 Pa too little, and would let a set 30 mmHg be a true 40.
PRESSURE_DRIFT_PA = const(267)
PRESSURE_LOW_PA = const(-333)  # no empty chamber shows less …
PRESSURE_LOW_MS = const(2_000)  # … for longer
PRESSURE_ZERO_VENT_MS = const(10_000)  # … a vent this long
PRESSURE_ZERO_REST_MS = const(60_000)  # a wrap's weight empties the chambers as long as this
INFLATE_MAX_MS = const(40_000)
INFLATE_SIGN_PA = const(667)  # 5 mmHg by …
# … this much pumping, or the wrap is too loose for this pump. [physics] Of what the evidence
# spans, only 1 L of slack on a pump of 2 L/min needs more: 1 plant in 100.
INFLATE_SIGN_MS = const(30_000)
DEAD_HEAD_MS = const(2_000)  # pumping against closed valves: only ever to look at the lines
HOLD_MAX_MS = const(20_000)
SQUEEZED_PA = const(1_333)  # above 10 mmHg counts as squeezed …
SQUEEZED_MAX_MS = const(90_000)  # … and ends after this
VENTED_PA = const(1_067)  # below 8 mmHg is vented
VENT_PROOF_MS = const(10_000)
VENT_TRIED_MS = const(1_000)  # … and the sensor has looked into open chambers this long
AIR_STOP_MS = const(1_000)  # stopped air lets every valve go for this long before any proof
RELEASED_MS = const(500)  # all valves let go this long is a release
LEAK_PA = const(667)  # 5 mmHg lost, what the pump made up for included …
LEAK_MS = const(5_000)  # … in a 5 s hold, and
# as much as the pump gives in this part of the hold. [physics] A sound wrap of one chamber may
# lose 5 mmHg in 5 s, but that is 6 mL/s of the 33 of the weakest pump; a hole of 0.8 mm loses
# 22 mL/s at least, in one chamber or in four.
LEAK_PERCENT = const(40)
LEAK_COMPENSATE_MS = const(7_000)  # [delfi]
FROZEN_PA = const(200)  # a sensor that moves less than 1.5 mmHg …
FROZEN_PUMPING_MS = const(12_000)  # … while the pump runs this long does not see the leg
RISING_PA = const(2_000)  # 15 mmHg more with the pump at rest; a moving leg does 10 …
RISING_MS = const(1_000)  # … and for less than this
PUMP_COAST_MS = const(1_000)  # the pump has certainly come to rest

# --- motor ----------------------------------------------------------------------------
MOTOR_MIN_RPM = const(600)
MOTOR_MAX_RPM = const(2_400)
MOTOR_LEVELS_RPM = (800, 1_100, 1_400, 1_700, 2_000)
MOTOR_RAMP_RPM_PER_S = const(400)
MOTOR_KICK_MAX_MV = const(6_000)  # [physics] moves the stiffest loaded shaft; jammed: 17 A
MOTOR_STOP_MS = const(900)  # ramp to rest after a stop, under 1 s
MOTOR_STOP_STEP_PERMILLE = const(12)  # from full duty in MOTOR_STOP_MS, at TICK_MS
MOTOR_STALL_PERMILLE = const(300)  # driven this hard …
MOTOR_STALL_MS = const(500)  # … and no edge for this long: blocked
MOTOR_STALL_LOW_PERMILLE = const(100)  # driven at all, longer than a slow start takes
MOTOR_STALL_LOW_MS = const(1_000)
MOTOR_RETRIES = const(2)
MOTOR_RETRY_MS = const(1_500)  # rest before a retry: a foot that was in the way moves
MOTOR_RETRY_FORGET_MS = const(30_000)
MOTOR_SAG_PERMILLE = const(250)  # half of the hardest start: a blocked shaft sags 4 × as much
MOTOR_SAG_GROWTH = const(3)  # less than this: the shaft turns
MOTOR_SAG_MIN_MV = const(40)  # less says nothing: the ADC's noise
MOTOR_SAG_MAX_MV = const(1_500)  # [physics] only a blocked shaft pulls a supply down so far
# A back-EMF above this share of the drive cannot be: [physics] motors differ by 10 % from
# their line, and the ADC by 3 %.
MOTOR_EMF_PERCENT = const(115)
MOTOR_LOSS_MAX_MV = const(6_000)  # [physics] the hardest load there is takes 4.8 V
MOTOR_IMPLAUSIBLE_MS = const(6_500)  # longer than any ramp: named within 10 s
# An edge that no turning shaft makes weighs as much as so many good ones. [physics] One in 100
# pulses may be lost, up to two edges by each; what is beside one in nine is no tach.
MOTOR_BAD_EDGE_WEIGHT = const(8)
MOTOR_BAD_EDGES_MAX = const(64)  # eight in a row, or 10 s of one in five at 600 rpm
MOTOR_OVERSPEED_PERCENT = const(120)
MOTOR_OVERSPEED_MS = const(1_000)
MOTOR_RUNAWAY_RPM = const(300)  # turning while off, faster than a hand turns it …
MOTOR_RUNAWAY_MS = const(3_000)  # … and for this long without slowing: the switch is shorted
MOTOR_HEAT_MV = const(5_000)  # [physics] lost in winding and brushes for good: 10–14 A, 60 W
MOTOR_HEAT_S = const(180)  # thermal time constant of a 550 or 775 case

# --- bring-up: one output, briefly, with no leg in the wrap -----------------------------
BRINGUP_MS = const(2_000)  # a tool that dies leaves an output on for no longer
BRINGUP_AIR_MS = const(6_000)  # [physics] 250 mL: a chamber visibly fills
BRINGUP_HEAT_PERMILLE = const(600)
BRINGUP_PAD_MAX_MC = const(38_000)  # below any set-point
BRINGUP_MOTOR_PERMILLE = const(400)
BRINGUP_MANIFOLD_PA = const(10_666)  # 80 mmHg: the relief valve opens at 60–65, full flow 70
BRINGUP_CHAMBER_PA = const(2_666)  # 20 mmHg
BRINGUP_FALL_PA = const(1_333)  # a pump cannot make the manifold fall: the sensor is reversed
CALIBRATION_MAX_MC = const(1_500)  # [physics] 1 % parts and an ESP32's ADC are off by less

# --- session, supply, buttons ---------------------------------------------------------
SESSION_MAX_MS = const(3_600_000)
LEVEL_RAMP_MIN_MS = const(1_000)  # a level is felt before the next one comes
LEVEL_RAMP_MAX_MS = const(600_000)
LEVEL_FELT_MS = const(60_000)  # a higher level is remembered from then on
PAUSE_MAX_MS = const(300_000)  # an interrupted session nobody resumes ends
SUPPLY_MIN_MV = const(10_500)
SUPPLY_LOW_MS = const(500)
BUTTON_DEBOUNCE_MS = const(30)
BUTTON_STUCK_MS = const(15_000)
START_PRESS_MIN_MS = const(300)  # a contact that chatters or a brush is shorter
START_PRESS_MAX_MS = const(2_000)
CLEAR_HOLD_MS = const(3_000)
CLEAR_WITHIN_MS = const(5_000)  # from the hold to the press that clears: what leans does neither
STRETCH_MS = const(150_000)  # 2–3 min of calf stretching end a session in the evening
FEELING_MAX = const(10)  # 0 no complaint … 10 the worst
