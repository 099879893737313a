"""Proves after every release that each chamber has vented, and looks at its line on the way.

A chamber is opened to the idle manifold alone. A breath of air left in the manifold, or a
stroke of the pump put there, must vanish at once: then the hose is free, the valve moves
and the chamber is empty. Air that goes slowly tells of a kink, air that stays of a valve
that does not open, and a manifold that cannot be charged of one that does not close.
"""

from micropython import const

from massager.core import limits

_CHARGE_PA = const(1_067)  # 8 mmHg in the manifold show clearly …
_RISE_PA = const(533)  # … and a stroke that adds 4 mmHg is one that counts
_STROKE_MAX_TICKS = const(32)  # doubled up to this; the pump needs some to get going
_FLOW_FROM_TICK = const(17)  # of the longest stroke: the pressure while air flows
_FLOW_PA = const(45)  # air through an open valve shows at least this much
_WAIT_TICKS = const(30)  # the pump comes to rest
_QUICK_TICK = const(8)  # a free line has fallen by then
_LATE_TICK = const(50)
_MEAN = const(4)  # readings in a mean
_LONG_MEAN = const(16)
_EMPTY_PA = const(250)
_SLOW_PA = const(133)
_TRAPPED_PA = const(267)
_SAME_PERMILLE = const(150)
_AGE_TICKS = const(500)  # air trapped behind a kink looks like a closed valve at first
_ROUNDS = const(2)  # a leg that moves looks like a blocked line, but not for long

_LEVEL = const(0)
_STROKE = const(1)
_WAIT = const(2)
_OPEN = const(3)


class VentProof:
    """Proposes `pump_permille` and `chambers` until `done`.

    Bits by chamber: `slow` (its air comes or goes slowly), `closed` (it takes no air).
    `soaked`: the manifold takes strokes without a rise; `flows`: yet the pump is felt.
    `empty_pa`: what the sensor shows of open, empty chambers; `stroke_pa`: the rise that one tick of the pump makes, 0 where none was needed.
    """

    def __init__(self, everything):
        self.pump_permille = 0
        self.chambers = 0
        self._all = everything
        self.begin(False)

    def begin(self, may_pump):
        """Start; without `may_pump` only the vent is proved."""
        self.done = False
        self.slow = 0
        self.closed = 0
        self.soaked = False
        self.flows = False
        self.stroke_pa = 0
        self.empty_pa = 0
        self._may_pump = may_pump
        self._pending = self._all
        self._round = 0
        self._age_ticks = 0
        self._length = 1  # what moved the pump last will do so again
        self._bit = 1
        self._failed = 0
        self._control = False
        self._kept_permille = 0
        self._enter(_LEVEL)

    @property
    def is_clean(self):
        """Whether every line answered at the first try."""
        return self.done and self._round == 1 and not self.soaked

    def step(self, pressure_pa):
        """One tick."""
        self._ticks += 1
        self._age_ticks += 1
        ticks = self._ticks
        step = self._step
        if step == _LEVEL:
            self._sum += pressure_pa
            if ticks == _MEAN:
                self._level_pa = self._sum // _MEAN
                if not self._may_pump or self._level_pa >= _CHARGE_PA:
                    self._open()
                else:
                    self._stroke()
        elif step == _STROKE:
            if ticks >= _FLOW_FROM_TICK:
                self._sum += pressure_pa
            if ticks >= self._length:
                self._flow_pa = self._sum // max(1, ticks - _FLOW_FROM_TICK + 1)
                self.pump_permille = 0
                self._enter(_WAIT)
        elif step == _WAIT:
            if ticks > _WAIT_TICKS - _LONG_MEAN:
                self._sum += pressure_pa
            if ticks == _WAIT_TICKS:
                self._judge_stroke(self._sum // _LONG_MEAN)
        else:
            if ticks > _QUICK_TICK - _MEAN:
                self._sum += pressure_pa
            if ticks == _QUICK_TICK:
                self._quick_pa = self._sum // _MEAN
                if not self._control and self._quick_pa <= max(_EMPTY_PA, self._level_pa >> 2):
                    self._judge(self._quick_pa)
            elif ticks == _LATE_TICK - _MEAN:
                self._sum = 0
            elif ticks == _LATE_TICK:
                self._judge(self._sum // _MEAN)

    def _judge_stroke(self, level_pa):
        rise_pa = level_pa - self._level_pa
        if rise_pa < _RISE_PA:
            if self._length == _STROKE_MAX_TICKS:
                self.soaked = True
                self.flows = self._flow_pa * 2 - self._level_pa - level_pa >= 2 * _FLOW_PA
                self.done = True
                return
            self._length <<= 1
        elif not self.stroke_pa:
            self.stroke_pa = rise_pa // self._length
        self._level_pa = level_pa
        if level_pa >= _CHARGE_PA:
            self._open()
        else:
            self._stroke()

    def _judge(self, late_pa):
        """What the open chamber, or the closed manifold after it, has shown."""
        level_pa = max(1, self._level_pa)
        kept_permille = (self._quick_pa + late_pa) * 500 // level_pa
        if self._control:
            self._control = False
            if kept_permille - self._kept_permille >= _SAME_PERMILLE:
                self.slow |= self._bit
            elif not self.slow & self._bit:
                self.closed |= self._bit
            if self.slow & self._bit:
                self.closed &= ~self._bit
            self._next_chamber()
            return
        self._kept_permille = kept_permille
        trapped = late_pa > level_pa + _TRAPPED_PA
        slow = self._quick_pa - late_pa > max(_SLOW_PA, level_pa >> 3)
        stays = late_pa * 2 >= level_pa
        if late_pa >= limits.VENTED_PA:
            self._failed |= self._bit
        if self._may_pump and (trapped or slow or stays):
            self._failed |= self._bit
            if trapped:
                self.slow |= self._bit
                self.closed &= ~self._bit
            elif self._round:
                self._control = True  # how long would the closed manifold have kept it?
                self.chambers = 0
                self._enter(_LEVEL)
                return
        else:
            self.slow &= ~self._bit
            self.closed &= ~self._bit
        self.empty_pa = late_pa if self._bit == 1 else (self.empty_pa + late_pa) >> 1
        self._next_chamber()

    def _next_chamber(self):
        self.chambers = 0
        self._bit <<= 1
        while self._bit <= self._all:
            if self._bit & self._pending:
                self._enter(_LEVEL)
                return
            self._bit <<= 1
        self._next_round()

    def _next_round(self):
        """Those that failed get another try, which air trapped at first needs."""
        self._round += 1
        if not self._failed or (
            self._round > _ROUNDS and self._age_ticks > _AGE_TICKS and self.slow | self.closed
        ):
            self.done = True
            return
        self._pending = self._failed
        self._failed = 0
        self._bit = 1
        while not self._bit & self._pending:
            self._bit <<= 1
        self._enter(_LEVEL)

    def _stroke(self):
        self.pump_permille = 1_000
        self._enter(_STROKE)

    def _open(self):
        self.chambers = 0 if self._control else self._bit
        self._enter(_OPEN)

    def _enter(self, step):
        self._step = step
        self._ticks = 0
        self._sum = 0
