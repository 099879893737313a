"""Puts a breath of air into the closed manifold, stroke by stroke."""

from micropython import const

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


class Charge:
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
