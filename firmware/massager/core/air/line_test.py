"""Proves after every release that each chamber has vented, and looks at its line on the way.

A chamber is opened to the idle manifold alone. A breath of air left in the manifold, or a
stroke of the pump put there, must vanish at once: then the hose is free, the valve moves
and the chamber is empty. Air that goes slowly tells of a kink, air that stays of a valve
that does not open, and a manifold that cannot be charged of one that does not close. What
fails is looked at again, beside the manifold's own leak, until a leg that moved is still, and
with a deeper breath: at the pressure of a chamber that a leg presses on an open line would look
like a closed one.
"""

from micropython import const

from massager.core import limits

BUSY = const(0)
CHARGED = const(1)
SOAKED = const(2)  # it takes strokes without a rise

CHARGE_PA = const(1_067)  # 8 mmHg in the manifold show clearly …
_RISE_PA = const(533)  # … and a stroke that adds 4 mmHg is one that counts
_STROKE_MAX_TICKS = const(16)  # doubled up to this; the pump needs some to get going
_FLOW_FROM_TICK = const(9)  # of the longest stroke: the pressure while air flows
_FLOW_PA = const(45)  # air through an open valve shows at least this much
_WAIT_TICKS = const(15)  # the pump comes to rest
SHORT_TICKS = const(2)  # a look at the manifold
_LONG_MEAN = const(8)
_PUMP_PERMILLE = const(1_000)

_LOOK = const(0)
_STROKE = const(1)
_WAIT = const(2)

_QUICK_TICK = const(4)  # a free line has fallen by then
_LATE_TICK = const(25)
_DEEP_PA = const(2_400)  # 18 mmHg: a leg presses an empty chamber to no more than 13
_MEAN = const(2)  # readings in a mean
_BLIND_TICKS = const(15)  # a look without the pump: time to see one that runs all the same …
_WARY_TICKS = const(40)  # … a weak one on a wide manifold, too
_FALLEN_PA = const(533)  # a quarter of the level, and no more than this, is next to nothing
_SLOW_PERMILLE = const(125)  # what a slow line changes by beyond the closed manifold
_VENTED_PA = const(933)  # so surely below VENTED_PA that the guard sees it too
_SAME_PERMILLE = const(150)  # the closed manifold keeps no more than this beyond the open one
_ROUNDS = const(2)  # a leg that moves looks like a blocked line, but not for long …
_AGE_TICKS = const(250)  # … and air trapped behind a kink like a closed valve
_OLD_TICKS = const(500)  # a manifold that leaks as fast hides a kink for so long, no longer


class PulseCharger:
    """Proposes `pump_permille`; `level_pa` is what the manifold holds.

    `stroke_pa`: the rise that one tick of the pump makes, 0 where none was needed; `flows`
    after SOAKED: the pump is felt all the same.
    """

    def __init__(self):
        self.reset(SHORT_TICKS)
        self.begin(False, CHARGE_PA)

    def reset(self, look_ticks):
        """A new proof: what the pump takes to get going is found out again. The first look at
        the manifold, and each where nothing pumps, takes `look_ticks`."""
        self._look_ticks = look_ticks
        self.stroke_pa = 0
        self.flows = False
        self._length = 1

    def begin(self, may_pump, charge_pa):
        """Look at the manifold, and charge it to `charge_pa`; without `may_pump` only look."""
        self._charge_pa = charge_pa
        self.pump_permille = 0
        self.level_pa = 0
        self._may_pump = may_pump
        self._flow_pa = 0
        self._enter(_LOOK)

    def step(self, pressure_pa):
        """One tick: BUSY, CHARGED or SOAKED."""
        self._ticks += 1
        ticks = self._ticks
        if self._step == _LOOK:
            self._sum += pressure_pa
            if ticks == self._look_ticks:
                self.level_pa = self._sum // ticks
                if self._may_pump:
                    self._look_ticks = SHORT_TICKS
                if not self._may_pump or self.level_pa >= self._charge_pa:
                    return CHARGED
                self._stroke()
        elif self._step == _STROKE:
            if ticks >= _FLOW_FROM_TICK:
                self._sum += pressure_pa
            if ticks >= self._length:
                self._flow_pa = self._sum // max(1, ticks - _FLOW_FROM_TICK + 1)
                self.pump_permille = 0
                self._enter(_WAIT)
        else:
            if ticks > _WAIT_TICKS - _LONG_MEAN:
                self._sum += pressure_pa
            if ticks == _WAIT_TICKS:
                return self._judge(self._sum // _LONG_MEAN)
        return BUSY

    def _judge(self, level_pa):
        rise_pa = level_pa - self.level_pa
        if rise_pa < _RISE_PA:
            if self._length == _STROKE_MAX_TICKS:
                self.flows = self._flow_pa * 2 - self.level_pa - level_pa >= 2 * _FLOW_PA
                return SOAKED
            self._length <<= 1
        elif not self.stroke_pa:
            self.stroke_pa = rise_pa // self._length
        self.level_pa = level_pa
        if level_pa >= self._charge_pa:
            return CHARGED
        self._stroke()
        return BUSY

    def _stroke(self):
        self.pump_permille = _PUMP_PERMILLE
        self._enter(_STROKE)

    def _enter(self, step):
        self._step = step
        self._ticks = 0
        self._sum = 0


class LineTest:
    """Proposes `chambers` and, in `charge`, the pump's strokes, until `done`.

    Bits by chamber: `slow` (its air comes or goes slowly), `closed` (it takes no air).
    `soaked`: the manifold cannot be charged. `empty_pa`: what open, empty chambers show.
    """

    def __init__(self, everything):
        self.chambers = 0
        self.charge = PulseCharger()
        self._all = everything
        self._charging = False
        self._ticks = self._sum = 0
        self.begin(False)

    def begin(self, may_pump, wary=False, deep=False):
        """Start; without `may_pump` only what the sensor still sees is looked at. `wary`: first
        see whether a pump runs that should not; `deep`: with more air, as the zero may be off."""
        self.done = self.soaked = False
        self._control = False  # how long does the closed manifold keep its charge?
        self.slow = self.closed = self._doubt = self._crept = self._failed = 0
        self.empty_pa = self._kept = self._fell = self._quick_pa = 0
        self._round = self._age_ticks = 0
        self.may_pump = may_pump
        self._deep = deep
        self._pending = self._all
        self._bit = 1
        self._high_pa = -limits.PRESSURE_TRIP_PA
        self._low_pa = limits.PRESSURE_TRIP_PA
        self.charge.reset(_WARY_TICKS if wary else SHORT_TICKS if may_pump else _BLIND_TICKS)
        self._shut()

    @property
    def moved(self):
        """Whether the sensor has answered to anything."""
        return self._high_pa - self._low_pa >= limits.FROZEN_PA

    @property
    def is_clean(self):
        """Once it is done: whether every line answered at the first try."""
        return self._round == 1 and not self.soaked

    def step(self, pressure_pa, trend_pa):
        """One tick; `trend_pa` is the pressure without its noise."""
        if trend_pa > self._high_pa:
            self._high_pa = trend_pa
        if trend_pa < self._low_pa:
            self._low_pa = trend_pa
        self._age_ticks += 1
        if self._charging:
            result = self.charge.step(pressure_pa)
            if result == SOAKED:
                self.soaked = True
                self.done = True
            elif result != BUSY:
                self._charging = False
                self.chambers = 0 if self._control else self._bit
            return
        self._ticks += 1
        ticks = self._ticks
        if ticks > _QUICK_TICK - _MEAN:
            self._sum += pressure_pa
        if ticks == _QUICK_TICK:
            self._quick_pa = self._sum // _MEAN
            fallen_pa = min(self.charge.level_pa >> 2, _FALLEN_PA)
            if not self._control and self._quick_pa <= fallen_pa:
                self._judge(self._quick_pa)
        elif ticks == _LATE_TICK - _MEAN:
            self._sum = 0
        elif ticks == _LATE_TICK:
            self._judge(self._sum // _MEAN)

    def _judge(self, late_pa):
        """What the open chamber, or the closed manifold after it, has shown.

        `_crept`: air came or went slowly, which a closed valve does not let it. `_doubt`: failed
        once, which may be a leg that moved just then. Two fifths of the breath may stay: the
        guard, which wants it below the half, is sure to agree.
        """
        bit = self._bit
        level_pa = max(1, self.charge.level_pa)
        kept = self._quick_pa * 1000 // level_pa  # permille, as is what it fell by
        fell = (self._quick_pa - late_pa) * 1000 // level_pa
        if self._control:
            self._control = False
            kept -= self._kept
            if abs(self._fell - max(fell, 0)) >= _SLOW_PERMILLE or kept >= _SAME_PERMILLE:
                self._crept |= bit
            if abs(self._fell) < _SLOW_PERMILLE and abs(kept) >= _SAME_PERMILLE:
                self._clear()  # at once to the pressure of a chamber that a leg presses on
            else:
                found = bit & self._doubt if self.moved else bit
                self._doubt |= bit
                if bit & self._crept:
                    self.slow |= found
                else:
                    self.closed |= found
            self._next_chamber()
            return
        self._kept = kept
        self._fell = fell
        if fell <= -_SLOW_PERMILLE:
            self._crept |= bit
        if late_pa >= _VENTED_PA or self._quick_pa >= _VENTED_PA:  # long enough for the guard
            self._failed |= bit
        if self.may_pump and (abs(fell) > _SLOW_PERMILLE or late_pa * 5 >= level_pa * 2):
            self._failed |= bit
            if self._age_ticks > _OLD_TICKS and fell > 0 and late_pa * 2 < level_pa:
                self.slow |= bit  # lets air through, but not once in all this time as a free one
            elif self._round:
                self._control = True
                self._shut()
                return
        elif self._doubt:
            self._clear()
        self.empty_pa = late_pa if bit == 1 else (self.empty_pa + late_pa) >> 1
        self._next_chamber()

    def _clear(self):
        others = ~self._bit
        self._doubt &= others
        self.slow &= others
        self.closed &= others
        self._crept &= others

    def _next_chamber(self):
        """The next one; after the last, those that failed get another try."""
        left = self._pending & (-self._bit << 1)
        if not left:
            self._round += 1
            left = self._pending = self._failed
            self._failed = 0
            if not left or (
                self.slow | self.closed
                and ((self._round > _ROUNDS and self._age_ticks > _AGE_TICKS) or not self.moved)
            ):
                self.done = True
                return
        self._bit = left & -left
        self._shut()

    def _shut(self):
        self.chambers = 0
        self._charging = True
        self._ticks = self._sum = 0
        self.charge.begin(self.may_pump, _DEEP_PA if self._deep or self._round else CHARGE_PA)
