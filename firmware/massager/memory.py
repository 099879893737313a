"""What outlives power-off: the latched faults, in the chip's non-volatile store.

Flash is written only while every output is off, because writing stalls the chip for tens
of milliseconds.
"""

from massager.core.safety import supervisor

_KEYS = ("heat", "air", "motor", "system")


class Memory:
    """Keeps the latched fault words of `faults` in `store`, and starts from what is there.

    `store` has `get(key)` (0 where nothing is kept), `set(key, value)` and `commit()`.
    """

    def __init__(self, store, faults):
        self._store = store
        self._groups = faults.groups
        self._kept = [store.get(key) for key in _KEYS]
        for index, group in enumerate(self._groups):
            group.latch(self._kept[index])

    def step(self, state, outputs):
        """Write what changed, if nothing is energised."""
        if state != supervisor.OFF and state != supervisor.FAULT:
            return
        if not (outputs.motor_permille or outputs.chambers or outputs.heater_enable):
            self.keep()

    def keep(self):
        """Write what changed; every output must be safe already."""
        for index in range(len(self._groups)):
            group = self._groups[index]
            if group.latched != self._kept[index]:
                self._kept[index] = group.latched
                self._store.set(_KEYS[index], group.latched)
                self._store.commit()
